// Prints ratios measured in one run, as JSON: absolute times are this machine's, ratios carry over.
import { availableParallelism } from 'node:os';
import { benchAccess } from './access.js';
import { benchBatch } from './batch.js';
import { benchHttp } from './http.js';
import { benchLargeTraining } from './large-training.js';
import { benchLatencyWhileTraining } from './latency.js';
import { benchPlan } from './plan.js';
import { benchStartup } from './startup.js';
import { benchTraining } from './training.js';

const machine = { node: process.version, processors: availableParallelism() };
const startup = await benchStartup();
const plan = [
  await benchPlan('diamonds', 1),
  await benchPlan('diamonds', 10_000),
  await benchPlan('flights', 1),
  await benchPlan('digits', 1),
  await benchPlan('digits', 256),
];
const http = [
  await benchHttp(1, 'info'),
  await benchHttp(1, 'silent'),
  await benchHttp(100, 'info'),
];
const access = [await benchAccess('unlimited'), await benchAccess('limited')];
const latencyWhileTraining = await benchLatencyWhileTraining();
const batch = await benchBatch();
const training = [
  await benchTraining('diamonds'),
  await benchTraining('flights'),
  await benchTraining('digits'),
];
const largeTraining = await benchLargeTraining();
const results = {
  machine,
  startup,
  plan,
  http,
  access,
  latencyWhileTraining,
  batch,
  training,
  largeTraining,
};
console.log(JSON.stringify(results, null, 2));
