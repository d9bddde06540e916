import type { Model } from '../ml/model.js';

/** Calls that work with a model that can be closed. */
interface Uses {
  count: number;
  onUnused?: () => void;
  closing?: Promise<void>;
}

const uses = new WeakMap<Model, Uses>();

/**
 * Keeps a model open while a caller works with it; called in the turn in which the caller gets the model.
 * @returns ends that; undefined where the model holds nothing that is closed
 */
export function use(model: Model): (() => void) | undefined {
  if (!model.close) return undefined;
  const of = usesOf(model);
  of.count++;
  return () => {
    of.count--;
    if (of.count === 0) of.onUnused?.();
  };
}

/** Closes a model that serves no longer, once, as soon as no caller works with it. */
export function retire(model: Model): Promise<void> {
  if (!model.close) return Promise.resolve();
  const of = usesOf(model);
  of.closing ??= closeUnused(model, of);
  return of.closing;
}

async function closeUnused(model: Model, of: Uses): Promise<void> {
  // A caller may get it in this turn.
  await new Promise((resolve) => setImmediate(resolve));
  while (of.count > 0)
    await new Promise<void>((resolve) => {
      of.onUnused = resolve;
    });
  model.close?.();
}

function usesOf(model: Model): Uses {
  const known = uses.get(model);
  if (known) return known;
  const first = { count: 0 };
  uses.set(model, first);
  return first;
}
