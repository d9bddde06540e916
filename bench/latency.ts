import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diamondsFile } from './diamonds.js';
import { measurePace } from './pace.js';
import { inScratch, pathOf } from './process.js';
import { ONE_ROW, PATH, startServer } from './server.js';
import { median, percentile, round } from './statistics.js';

const MODELS = pathOf('../../model');
const ROUNDS = 4;
const WINDOW_MS = 5000;
/** Longer than the windows, since each training is cancelled. */
const LONG = { epochs: 2000, patience: 2000 };

/** Measures how much longer a prediction takes while a worker beside the server trains. */
export function benchLatencyWhileTraining() {
  return inScratch(measureIn);
}

async function measureIn(directory: string) {
  const models = join(directory, 'model');
  cpSync(join(MODELS, 'diamonds'), join(models, 'diamonds'), { recursive: true });
  const server = await startServer(['../main.js', 'serve'], {
    MODEL_DIR: models,
    DATA_DIR: join(directory, 'data'),
  });
  const pace = async () => {
    const took = await measurePace(server.port, PATH, ONE_ROW, pause(WINDOW_MS));
    return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
  };
  try {
    const api = trainingApi(`http://127.0.0.1:${server.port}`);
    await api.upload();
    await pace();
    const idle = [];
    const training = [];
    for (let i = 0; i < ROUNDS; i++) {
      idle.push(await pace());
      const job = await api.start();
      training.push(await pace());
      await api.cancel(job);
    }
    return summarise(idle, training);
  } finally {
    await server.stop();
  }
}

type Latency = { p50: number; p99: number };

function summarise(idle: readonly Latency[], training: readonly Latency[]) {
  const of = (all: readonly Latency[], name: keyof Latency) => median(all.map((one) => one[name]));
  return {
    idleMs: { p50: round(of(idle, 'p50'), 3), p99: round(of(idle, 'p99'), 3) },
    trainingMs: { p50: round(of(training, 'p50'), 3), p99: round(of(training, 'p99'), 3) },
    p99Ratio: round(median(training.map(({ p99 }, i) => p99 / idle[i]!.p99))),
  };
}

/** Returns the requests that train a model repeatedly. */
function trainingApi(url: string) {
  const send = async (method: string, path: string, body: string | Buffer, type: string) => {
    const answer = await fetch(url + path, { method, body, headers: { 'content-type': type } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json() as Promise<{ id: string; state: string; progress?: unknown }>;
  };
  const json = (method: string, path: string, body: unknown) =>
    send(method, path, JSON.stringify(body), 'application/json');
  const read = async (id: string) =>
    (await (await fetch(`${url}/jobs/${id}`)).json()) as { state: string; metrics?: object };
  return {
    async upload() {
      const spec = JSON.parse(readFileSync(join(MODELS, 'diamonds', 'spec.json'), 'utf8'));
      const { features, target } = spec;
      await json('PUT', '/datasets/diamonds', { features, target });
      await send('POST', '/datasets/diamonds', readFileSync(diamondsFile()), 'text/csv');
    },
    /** Starts a training. @returns the job's id, after the first epoch */
    async start() {
      const { id } = await json('PUT', '/models/prices', {
        dataset: 'diamonds',
        hyperparameters: LONG,
      });
      while ((await read(id)).metrics === undefined) await pause(100);
      return id;
    },
    async cancel(id: string) {
      await json('POST', `/jobs/${id}/cancel`, {});
      while ((await read(id)).state === 'running') await pause(100);
    },
  };
}
