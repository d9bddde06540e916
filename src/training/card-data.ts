import { type CardData, createPlotter, type Plot, parseNotes } from '../cards/index.js';
import { LapidaryError } from '../core/errors.js';
import type { ServedModel, ServingService } from '../serving/service.js';
import type { ModelDefinitions } from './port.js';
import { openTestData } from './score.js';

/**
 * Collects the content of the champion's model card, in one pass over the test rows with the plan that serves.
 * @throws LapidaryError `model_not_found`, `version_corrupt`, `invalid_spec` for unreadable notes, `invalid_dataset`
 *   also if the data has changed since the training
 */
export async function readCardData(
  model: string,
  definitions: ModelDefinitions,
  registry: ServingService,
): Promise<CardData> {
  const served = await registry.champion(model);
  const { version } = served;
  const notes = parseNotes(model, (await definitions.readNotes(model)) ?? '');
  const plots = version.card.data ? await plotChampion(model, served, definitions) : [];
  const [first] = version.examples;
  const example = first && { ...first, answer: (await served.model.predict([first.instance]))[0]! };
  return { version, notes, plots, ...(example && { example }) };
}

async function plotChampion(
  name: string,
  { version, model }: ServedModel,
  definitions: ModelDefinitions,
): Promise<Plot[]> {
  const dataset = openTestData(await definitions.openData(name), version);
  const plotter = createPlotter(version.spec);
  for await (const { test } of dataset.blocks())
    plotter.add(await model.predictRows(test.values, test.count), test.targets);
  if (dataset.checksum !== version.card.data?.checksum) {
    const detail = `the data of "${name}" has changed since version ${version.id}: train it again`;
    throw new LapidaryError('invalid_dataset', detail);
  }
  return plotter.plots();
}
