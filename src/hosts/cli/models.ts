import { figuresOf, table } from '../../cards/index.js';
import type { ServingService } from '../../serving/service.js';
import { note, print, warnOfFallback } from './output.js';

/**
 * Lists the served models with their champions' metrics.
 * @param place where models are stored
 * @returns whether every champion can be served
 */
export async function models(
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
  if (json) return print(JSON.stringify({ items: served }, null, 2));
  if (served.length === 0)
    return print(`No models in ${place}: make one from a CSV file with lapidary init`);
  const rows = served.map(({ name, task, version, engine, metrics }) => {
    const [figure] = metrics ? Object.entries(figuresOf(metrics)) : [];
    return [name, task, version, engine, figure?.join(' ') ?? 'unknown'];
  });
  for (const { name, fallback } of served)
    if (fallback !== undefined) warnOfFallback(name, fallback);
  print(table([['model', 'task', 'version', 'engine', 'on test rows'], ...rows]));
}
