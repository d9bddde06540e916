import { parentPort, workerData } from 'node:worker_threads';
import { trainMember } from '../../ml/trainer/trainer.js';
import { openRowFile, type RowFile } from './row-file.js';
import type { ThreadOrder, ThreadReport } from './training-thread.js';

const rows = openRowFile(workerData as RowFile);
const report = (message: ThreadReport): void => parentPort?.postMessage(message);

parentPort?.on('message', async ({ task, member }: ThreadOrder) => {
  report({ trained: await trainMember(task, rows, member, (progress) => report({ progress })) });
});
