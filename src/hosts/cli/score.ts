import { format, metricsTable } from '../../cards/index.js';
import type { Score, TrainingService } from '../../training/service.js';
import { print } from './output.js';

/**
 * Scores models' champions and prints the figures beside the baselines'.
 * @param model a name, or `all`
 */
export async function score(
  training: TrainingService,
  model: string,
  json: boolean,
): Promise<void> {
  const models = model === 'all' ? await training.models() : [model];
  const scores: Score[] = [];
  for (const name of models) {
    const one = await training.score(name);
    scores.push(one);
    if (!json) show(one);
  }
  if (json) print(JSON.stringify(model === 'all' ? scores : scores[0], null, 2));
}

function show({ model, version, data, metrics, baselines }: Score): void {
  print(`${model}, version ${version}, on ${format(data.testRows)} test rows of ${data.origin}\n`);
  print(`${metricsTable({ [model]: metrics, ...baselines })}\n`);
}
