import { format, metricsTable } from '../../cards/index.js';
import type { Score, Workbench } from '../../training/index.js';
import { print, printJson } from './output.js';

/**
 * Scores the champions of models, and prints the metrics with those of the baselines.
 * @param model a name, or `all`
 */
export async function score(workbench: Workbench, model: string, json: boolean): Promise<void> {
  const models = model === 'all' ? await workbench.models() : [model];
  const scores: Score[] = [];
  for (const name of models) {
    const one = await workbench.score(name);
    scores.push(one);
    if (!json) show(one);
  }
  if (json) printJson(model === 'all' ? scores : scores[0]);
}

function show({ model, version, data, metrics, baselines }: Score): void {
  print(`${model}, version ${version}, on ${format(data.testRows)} test rows of ${data.origin}\n`);
  print(`${metricsTable({ [model]: metrics, ...baselines })}\n`);
}
