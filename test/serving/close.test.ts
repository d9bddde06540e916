import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { PredictionService } from '../../src/prediction/service.js';
import { packVersion } from '../../src/registry/version.js';
import { VersionLoader } from '../../src/serving/loader.js';
import { CHALLENGER, CHAMPION, ServingService } from '../../src/serving/service.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

const NEXT = packVersion(retrained(1));
const INSTANCE = { carat: 1 };

let models: ReturnType<typeof newModels>;
let serving: ServingService;
let predictions: PredictionService;
/** Versions whose model was closed, in that order. */
let closed: string[];
/** Lets predictions end that began. */
let answer: () => void;

beforeEach(async () => {
  models = newModels();
  await models.store.publish('diamonds', NEXT.id, NEXT.files);
  closed = [];
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const load = VersionLoader.prototype.load;
  jest.spyOn(VersionLoader.prototype, 'load').mockImplementation(async function (
    this: VersionLoader,
    ...which
  ) {
    const served = await load.apply(this, which);
    const model = {
      outputs: 1,
      async predict(instances: readonly unknown[]) {
        await held;
        if (closed.includes(served.version.id)) throw new Error('the model is closed');
        return instances.map(() => ({ value: 1 }));
      },
      predictRows: () => new Float64Array(),
      close: () => void closed.push(served.version.id),
    };
    return { ...served, model };
  });
  serving = new ServingService(models.store);
  predictions = new PredictionService(serving, { preparers: [] });
});
afterEach(() => {
  jest.restoreAllMocks();
  models.remove();
});

const move = async (alias: string, from: string | undefined, to: string | undefined) => {
  const target = to === undefined ? undefined : { version: to, shadow: alias === CHALLENGER };
  await models.store.moveAlias('diamonds', alias, from, target);
  await serving.recheck('diamonds');
  await nextTurn();
};

it('a version that is replaced is closed once its requests have been answered', async () => {
  await serving.champion('diamonds');
  const first = predictions.predict('diamonds', [INSTANCE]);
  await move(CHAMPION, SHIPPED_ID, NEXT.id);
  expect((await serving.champion('diamonds')).version.id).toBe(NEXT.id);
  expect(closed).toEqual([]);
  answer();
  expect((await first).version).toBe(SHIPPED_ID);
  expect(closed).toEqual([SHIPPED_ID]);
  expect((await predictions.predict('diamonds', [INSTANCE])).version).toBe(NEXT.id);
});

it('a version without requests is closed at once, and one that still serves is not', async () => {
  await move(CHALLENGER, undefined, NEXT.id);
  await serving.champion('diamonds');
  await move(CHAMPION, SHIPPED_ID, NEXT.id);
  expect(closed).toEqual([SHIPPED_ID]);
});

it('a challenger is closed that is taken away', async () => {
  await move(CHALLENGER, undefined, NEXT.id);
  await serving.champion('diamonds');
  const shadowed = predictions.predict('diamonds', [INSTANCE]);
  await move(CHALLENGER, NEXT.id, undefined);
  expect(closed).toEqual([]);
  answer();
  expect((await shadowed).version).toBe(SHIPPED_ID);
  expect(closed).toEqual([NEXT.id]);
});

it('a version that is only proved is closed', async () => {
  await serving.prove('diamonds', NEXT.id);
  expect(closed).toEqual([NEXT.id]);
});

it('all are closed with serving, once, after the requests that run', async () => {
  await move(CHALLENGER, undefined, NEXT.id);
  await serving.champion('diamonds');
  const running = predictions.predict('diamonds', [INSTANCE]);
  const closing = Promise.all([serving.close(), serving.close()]);
  await nextTurn();
  expect(closed).toEqual([]);
  answer();
  await running;
  await closing;
  expect(closed.sort()).toEqual([SHIPPED_ID, NEXT.id].sort());
});
