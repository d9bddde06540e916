import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { LocalJobWorkers } from '../../../src/adapters/local/job-workers.js';
import { SILENT } from '../../../src/core/signals.js';

const directory = mkdtempSync(join(tmpdir(), 'lapidary-workers-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A worker whose training handler kills its process, as when out of memory, while a prediction is being done. */
const WORKER = `
const kind = process.argv[process.argv.indexOf('--kind') + 1];
if (kind === 'training') process.kill(process.pid, 'SIGKILL');
setTimeout(() => process.send({ succeeded: { client: '', model: kind } }), 1500);
process.once('disconnect', () => process.exit());
`;

it('a process that dies of its job takes no job of another kind with it', async () => {
  const script = join(directory, 'worker.mjs');
  writeFileSync(script, WORKER);
  const died: string[] = [];
  let workers: LocalJobWorkers | undefined;
  const succeeded = await new Promise((resolve) => {
    const event = (_type: unknown, fields: unknown) =>
      void died.push((fields as { kind: string }).kind);
    workers = new LocalJobWorkers(pathToFileURL(script), 1, {
      signals: { ...SILENT, event },
      onSuccess: resolve,
    });
    void workers.notify({ kind: 'batch-prediction' });
    void workers.notify({ kind: 'training' });
  });
  expect(succeeded).toEqual({ client: '', model: 'batch-prediction' });
  expect(died.length).toBeGreaterThan(1);
  expect(new Set(died)).toEqual(new Set(['training']));
  await workers!.stop();
});
