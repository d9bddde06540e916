import { figuresOf } from '../../cards/index.js';
import type { Metrics } from '../../ml/metrics/metrics.js';
import type { ServingService } from '../../serving/service.js';
import { note, print, printJson, printTable, warnOfFallback } from './output.js';

/**
 * Lists the served models with the metrics of their champions.
 * @param place where models are stored
 * @returns whether every champion can be served
 */
export async function listModels(
  registry: ServingService,
  place: string,
  json: boolean,
): Promise<boolean> {
  await list(registry, place, json);
  const unserved = registry.degraded();
  for (const { model, alias, reason } of unserved) note(`${alias} of ${model}: ${reason}`);
  return unserved.length === 0;
}

async function list(registry: ServingService, place: string, json: boolean): Promise<void> {
  const served = (await registry.loadAll()).map(({ version: { id, spec, card }, engine }) => ({
    name: spec.name,
    title: spec.title,
    task: spec.task,
    version: id,
    engine,
    ...(card.fallback !== undefined && { fallback: card.fallback }),
    ...(card.metrics && { metrics: card.metrics.test }),
  }));
  if (json) return printJson({ items: served });
  if (served.length === 0)
    return print(`No models in ${place}: make one from a CSV file with lapidary init`);
  for (const { name, fallback } of served)
    if (fallback !== undefined) warnOfFallback(name, fallback);
  const rows = served.map(({ name, task, version, engine, metrics }) => [
    name,
    task,
    version,
    engine,
    firstFigure(metrics),
  ]);
  printTable(['model', 'task', 'version', 'engine', 'on test rows'], rows);
}

/** Returns the first metric with its name. */
export function firstFigure(metrics: Metrics | undefined): string {
  const [figure] = metrics ? Object.entries(figuresOf(metrics)) : [];
  return figure?.join(' ') ?? 'unknown';
}
