import { parentPort, workerData } from 'node:worker_threads';
import { trainMember } from '../../ml/trainer.js';
import type { WorkerOrder, WorkerReport } from './training-runner.js';

const { task, member } = workerData as WorkerOrder;
const report = (message: WorkerReport): void => parentPort?.postMessage(message);

report({ trained: await trainMember(task, member, (progress) => report({ progress })) });
