import { format, metricsTable } from '../../cards/index.js';
import type { Evaluation, TrainingService } from '../../training/service.js';
import { print } from './output.js';

/**
 * Scores models' champions and prints the figures beside the baselines'.
 * @param model a name, or `all`
 */
export async function evaluate(
  training: TrainingService,
  model: string,
  json: boolean,
): Promise<void> {
  const models = model === 'all' ? await training.models() : [model];
  const evaluations: Evaluation[] = [];
  for (const name of models) {
    const evaluation = await training.evaluate(name);
    evaluations.push(evaluation);
    if (!json) show(evaluation);
  }
  if (json) print(JSON.stringify(model === 'all' ? evaluations : evaluations[0], null, 2));
}

function show({ model, version, data, metrics, baselines }: Evaluation): void {
  print(`${model}, version ${version}, on ${format(data.testRows)} test rows of ${data.origin}\n`);
  print(`${metricsTable({ [model]: metrics, ...baselines })}\n`);
}
