// Prints ratios measured in one run, each as a line of JSON once measured: npm run bench -- [NAME...]
// Absolute times depend on the machine; ratios are comparable.
import { availableParallelism } from 'node:os';
import { benchAccess } from './access.js';
import { benchBatch } from './batch.js';
import { benchCsv } from './csv.js';
import { benchHttp } from './http.js';
import { benchLargeTraining } from './large-training.js';
import { benchLatencyWhileTraining } from './latency.js';
import { benchPlan } from './plan.js';
import { benchStartup } from './startup.js';
import { benchTraining } from './training.js';

interface Figure {
  is: string;
  measure: (() => Promise<object>)[];
}

const FIGURES: Readonly<Record<string, Figure>> = {
  startup: {
    is: 'process start to first prediction, against a bare Fastify and bare Node',
    measure: [benchStartup],
  },
  plan: {
    is: 'the compiled plan against TensorFlow.js on WASM',
    measure: [
      () => benchPlan('diamonds', 1),
      () => benchPlan('diamonds', 10_000),
      () => benchPlan('flights', 1),
      () => benchPlan('digits', 1),
      () => benchPlan('digits', 256),
    ],
  },
  http: {
    is: 'predictions per second of the server against responses of a bare Fastify',
    measure: [
      () => benchHttp(1, 'info'),
      () => benchHttp(1, 'silent'),
      () => benchHttp(100, 'info'),
    ],
  },
  access: {
    is: 'predictions per second with a key against those without keys',
    measure: [() => benchAccess('unlimited'), () => benchAccess('limited')],
  },
  latency: {
    is: 'one prediction while a worker beside the server trains',
    measure: [benchLatencyWhileTraining],
  },
  csv: { is: 'the CSV reader against csv-parse', measure: [benchCsv] },
  batch: {
    is: 'predicting a CSV file of a million rows against copying it',
    measure: [benchBatch],
  },
  training: {
    is: 'rows per second that one member of a model learns from',
    measure: ['diamonds', 'flights', 'digits'].map((model) => () => benchTraining(model)),
  },
  'large-training': {
    is: 'time and memory of training on two million rows',
    measure: [benchLargeTraining],
  },
};

const USAGE = [
  'npm run bench -- [NAME...]   all take less than 8 minutes',
  ...Object.entries(FIGURES).map(([name, { is }]) => `  ${name.padEnd(15)} ${is}`),
].join('\n');

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(FIGURES, name));
if (names.some((name) => name === '--help' || name === '-h')) {
  console.log(USAGE);
} else if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}\n${USAGE}`);
  process.exitCode = 2;
} else {
  print('machine', { node: process.version, processors: availableParallelism() });
  for (const [name, { measure }] of Object.entries(FIGURES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const one of measure) print(name, await one());
  }
}

function print(name: string, figures: object): void {
  console.log(JSON.stringify({ name, ...figures }));
}
