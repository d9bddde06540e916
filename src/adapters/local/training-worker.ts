import { parentPort, workerData } from 'node:worker_threads';
import { trainMember } from '../../ml/trainer/trainer.js';
import { openRowFile } from './row-file.js';
import type { WorkerOrder, WorkerReport } from './training-runner.js';

const { task, rows, member } = workerData as WorkerOrder;
const report = (message: WorkerReport): void => parentPort?.postMessage(message);

report({
  trained: await trainMember(task, openRowFile(rows), member, (progress) => report({ progress })),
});
