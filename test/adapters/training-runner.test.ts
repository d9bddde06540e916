import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { WorkerTrainingRunner } from '../../src/adapters/local/training-runner.js';
import { Encoder } from '../../src/ml/encoding/encoder.js';
import type { TrainingTask } from '../../src/ml/trainer/trainer.js';
import { fitEncoding } from '../ml/encoding/shapes.js';
import { rowsOf } from '../ml/specs.js';
import { built } from '../support/built.js';
import { BOXES_SPEC } from '../support/training.js';

const SCRIPT = pathToFileURL(await built('training-worker.js'));

it('training threads stop at once when the signal aborts', async () => {
  const runner = new WorkerTrainingRunner(SCRIPT, 2);
  const spec = {
    ...BOXES_SPEC,
    network: { ...BOXES_SPEC.network, members: 3 },
    hyperparameters: { ...BOXES_SPEC.hyperparameters, epochs: 100_000, patience: 100_000 },
  };
  const rows = rowsOf(spec, 300, 1);
  const task: TrainingTask = { spec, encoding: fitEncoding(spec, rows), backend: 'wasm' };
  const encoder = new Encoder(spec, task.encoding);
  const stored = await runner.store(encoder.width, (collector) =>
    collector.append(encoder.encodeRows(rows), new Float32Array(rows.count)),
  );
  const stop = new AbortController();
  const members = new Set<number>();
  const onEpoch = ({ member }: { member: number }) => {
    members.add(member);
    stop.abort('cancelled');
  };
  await expect(runner.train(task, stored, onEpoch, stop.signal)).rejects.toBe('cancelled');
  expect(members).not.toContain(2);
  await expect(runner.train(task, stored, onEpoch, stop.signal)).rejects.toBe('cancelled');
  await runner.release(stored);
  expect(existsSync(stored.path)).toBe(false);
}, 30_000);

it('a member is the same whichever thread trains it, be it the first or a later one', async () => {
  const spec = {
    ...BOXES_SPEC,
    network: { ...BOXES_SPEC.network, members: 3 },
    hyperparameters: { ...BOXES_SPEC.hyperparameters, epochs: 2 },
  };
  const rows = rowsOf(spec, 300, 1);
  const task: TrainingTask = { spec, encoding: fitEncoding(spec, rows), backend: 'wasm' };
  const encoder = new Encoder(spec, task.encoding);
  const [alone, together] = await Promise.all(
    [1, 3].map(async (threads) => {
      const runner = new WorkerTrainingRunner(SCRIPT, threads);
      const stored = await runner.store(encoder.width, (collector) =>
        collector.append(encoder.encodeRows(rows), Float32Array.from(rows.targets)),
      );
      const members = await runner.train(task, stored, () => {});
      await runner.release(stored);
      return members;
    }),
  );
  expect(alone).toEqual(together);
}, 60_000);
