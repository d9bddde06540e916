import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { JOB_KINDS } from '../../src/compose/capabilities.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { logSignals } from '../../src/hosts/log-signals.js';
import { buildApp } from '../../src/http/app.js';
import { guardByKey } from '../../src/http/guard/access.js';
import { BOXES, boxesCsv } from '../support/boxes.js';
import { type Callers, newCallers } from './callers.js';
import { type OpenApi, type Operation, operationsOf } from './document.js';
import type { Answer, FuzzRequest } from './exchange.js';
import { Judge } from './judge.js';
import { Knowledge, SHIPPED } from './knowledge.js';
import { Ledger } from './ledger.js';
import { Sender } from './send.js';
import type { Examples } from './values/bodies.js';
import { Workers } from './workers.js';

const MODELS = fileURLToPath(new URL('../../model', import.meta.url));
const ERROR = 50;
/** Small, so that bodies that are too large are small, too. */
const LIMITS = { bodyBytes: 2 ** 20, maxInstances: 50, handlerMs: 30_000 };
const SETTINGS = { BATCH_LIMIT_BYTES: String(2 ** 20), UPLOAD_PART_BYTES: String(2 ** 16) };

/** The whole API over directories of its own, as the server composes it. */
export interface World {
  name: 'open' | 'guarded';
  operations: readonly Operation[];
  knowledge: Knowledge;
  examples: Examples;
  sender: Sender;
  judge: Judge;
  /** None without keys. */
  callers?: Callers;
  /** What went wrong beside the answers: errors in the log, jobs that failed by our fault. */
  faults: string[];
  note(request: FuzzRequest, answer: Answer): void;
  /** Puts back what a run needs and may have removed. */
  tend(): Promise<void>;
  /** Ends all work. @returns what is wrong when all is done */
  end(): Promise<string[]>;
}

/** @param place a directory that has nothing in it yet */
export async function openWorld(name: World['name'], place: string): Promise<World> {
  const directories = { MODEL_DIR: join(place, 'models'), DATA_DIR: join(place, 'data') };
  for (const model of SHIPPED)
    cpSync(join(MODELS, model), join(directories.MODEL_DIR, model), { recursive: true });
  const faults: string[] = [];
  const logger = pino({ level: 'error' }, logOf(faults));
  const config = readConfig({ ...directories, ...SETTINGS });
  // What the log gets at level error is a fault: a job that fails with an internal error, too.
  const app = await compose(config, { requestsLook: false, signals: logSignals(logger) });
  const access = await app.access();
  const guard = name === 'guarded' ? guardByKey(access) : undefined;
  const api = buildApp({
    ...app,
    jobKinds: JOB_KINDS,
    ...(guard && { guard }),
    logger,
    limits: LIMITS,
    admin: true,
  });
  await api.listen({ host: '127.0.0.1', port: 0 });

  const operations = operationsOf((await api.inject('/openapi.json')).json<OpenApi>());
  const knowledge = new Knowledge(operations);
  for (const { version } of await app.operator.registry.loadAll())
    knowledge.add({ model: version.spec.name, version: version.id });
  const callers = guard && (await newCallers(access));
  const workers = await Workers.start(app);
  const ledger = new Ledger();
  const months = [thisMonth()];
  const sender = new Sender(api);
  return {
    name,
    operations,
    knowledge,
    examples: examplesOf(operations),
    sender,
    judge: new Judge(operations),
    ...(callers && { callers }),
    faults,
    note: (request, answer) =>
      ledger.note(callers && clientOf(request, callers, knowledge), request, answer),
    tend: () => putBoxes(api, callers),
    async end() {
      await workers.end();
      months.push(thisMonth());
      if (callers) await ledger.noteBatches(await app.workspaces());
      const wrong = callers ? await ledger.differences(access, months) : [];
      const unanswered = await firstPrediction(api, callers);
      if (unanswered !== undefined) wrong.push(unanswered);
      const strays = readdirSync(place).filter((entry) => entry !== 'models' && entry !== 'data');
      wrong.push(...strays.map((entry) => `a file where none belongs: ${entry}`));
      sender.close();
      await api.close();
      await access.close();
      return [...wrong, ...faults].map((what) => `${name}: ${what}`);
    },
  };
}

const clientOf = ({ key }: FuzzRequest, { clients }: Callers, knowledge: Knowledge) =>
  key && (clients.get(key.name) ?? knowledge.clients.get(key.name));

const thisMonth = () => new Date().toISOString().slice(0, 7);

/** Errors that are logged, and nothing else. */
function logOf(faults: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      const line = String(chunk);
      if ((JSON.parse(line) as { level: number }).level >= ERROR) faults.push(`logged ${line}`);
      done();
    },
  });
}

/** The instance that each model's own operation has for an example. */
function examplesOf(operations: readonly Operation[]): Examples {
  const examples = new Map<string, object>();
  for (const { path, content } of operations) {
    const example = content['application/json']?.example as { instances?: object[] } | undefined;
    const [, model] = /^\/models\/([^/{]+)\/predictions$/.exec(path) ?? [];
    if (model !== undefined && example?.instances?.[0]) examples.set(model, example.instances[0]);
  }
  return examples;
}

/** The dataset that models are fitted to; both clients have one. */
async function putBoxes(api: FastifyInstance, callers?: Callers): Promise<void> {
  for (const headers of callers?.strong.map(keyHeader) ?? [{}]) {
    await api.inject({ method: 'PUT', url: '/datasets/boxes', headers, payload: BOXES });
    await api.inject({
      method: 'POST',
      url: '/datasets/boxes',
      headers: { ...headers, 'content-type': 'text/csv' },
      payload: boxesCsv(120),
    });
  }
}

const keyHeader = ({ text }: { text: string }) => ({ authorization: `Bearer ${text}` });

/** The prediction that the README begins with. @returns what is wrong with its answer */
async function firstPrediction(
  api: FastifyInstance,
  callers?: Callers,
): Promise<string | undefined> {
  const [key] = callers?.strong ?? [];
  const answer = await api.inject({
    method: 'POST',
    url: '/models/diamonds/predictions',
    headers: key ? keyHeader(key) : {},
    payload: { instances: [DIAMOND] },
  });
  const value = answer.json().predictions?.[0]?.value;
  if (answer.statusCode === 200 && value > 300 && value < 400) return undefined;
  return `at the end, the diamond is answered ${answer.statusCode} ${answer.payload}`;
}

const DIAMOND = {
  carat: 0.23,
  cut: 'Ideal',
  color: 'E',
  clarity: 'SI2',
  depth: 61.5,
  table: 55,
  x: 3.95,
  y: 3.98,
  z: 2.43,
};
