// Prints ratios measured in one run, as JSON: absolute times are this machine's, ratios carry over.
import { availableParallelism } from 'node:os';
import { benchHttp } from './http.js';
import { benchPlan } from './plan.js';
import { benchStartup } from './startup.js';

const machine = { node: process.version, processors: availableParallelism() };
const startup = await benchStartup();
const plan = [await benchPlan(1), await benchPlan(10_000)];
const http = [
  await benchHttp(1, 'info'),
  await benchHttp(1, 'silent'),
  await benchHttp(100, 'info'),
];
console.log(JSON.stringify({ machine, startup, plan, http }, null, 2));
