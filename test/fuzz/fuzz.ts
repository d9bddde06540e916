import fc from 'fast-check';
import { seededRandom } from '../../src/ml/random.js';
import { keysOf } from './callers.js';
import { curlOf } from './curl.js';
import type { Operation } from './document.js';
import { elsewhere } from './elsewhere.js';
import type { Answer, FuzzRequest } from './exchange.js';
import { Places } from './places.js';
import { type Material, requestOf } from './request.js';
import { openWorld, type World } from './world.js';

/** How often a request that fails is sent again while it is made smaller. */
const MOST_SHRINKS = 200;
const MOST_FAILURES = 25;
const ELSEWHERE = 'elsewhere';
/** What is removed can be asked for no more: most of the time that is not what is wanted. */
const SPARED = 0.85;
const TEND_EVERY = 100;

export interface FuzzOptions {
  requests: number;
  seed: number;
  /** The id of the only operation that is asked; all when left out. */
  operation?: string;
  onProgress?: (sent: number) => void;
}

/** A request whose answer is none that it may have. */
export interface Failure {
  world: World['name'];
  operation: string;
  /** Which request of the run it was, from 1 on. */
  request: number;
  fault: string;
  curl: string;
}

export interface FuzzReport {
  sent: number;
  /** How often each operation answered with each status; 0: its client went away. */
  statuses: Map<string, Map<number, number>>;
  failures: Failure[];
  /** What is wrong beside the answers. */
  wrong: string[];
}

/** Sends requests that are made from the document, and judges each answer by it. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = { sent: 0, statuses: new Map(), failures: [], wrong: [] };
  const broke = (error: unknown) => report.wrong.push(`not caught: ${(error as Error).stack}`);
  process.on('uncaughtException', broke).on('unhandledRejection', broke);
  const places = new Places();
  try {
    const worlds = [
      await openWorld('open', places.newPlace('open')),
      await openWorld('guarded', places.newPlace('guarded')),
    ];
    await new Run(worlds, options, report).run();
    for (const world of worlds) report.wrong.push(...(await world.end()));
    report.wrong.push(...places.strays().map((path) => `a file where none belongs: ${path}`));
  } finally {
    process.off('uncaughtException', broke).off('unhandledRejection', broke);
    places.remove();
  }
  return report;
}

/** An operation by chance; one that removes something seldom. */
function pick(operations: readonly (Operation | undefined)[], random: () => number) {
  for (;;) {
    const chosen = operations[Math.floor(random() * operations.length)];
    const isSpared = chosen?.method === 'DELETE' && random() < SPARED;
    if (!isSpared || operations.length === 1) return chosen;
  }
}

class Run {
  private readonly known = new Set<string>();

  constructor(
    private readonly worlds: readonly World[],
    private readonly options: FuzzOptions,
    private readonly report: FuzzReport,
  ) {}

  async run(): Promise<void> {
    const { requests, seed, operation, onProgress } = this.options;
    const random = seededRandom(seed);
    for (let n = 1; n <= requests; n++) {
      const world = this.worlds[Math.floor(random() * this.worlds.length)]!;
      const operations = [...world.operations, undefined].filter(
        (each) => operation === undefined || (each?.id ?? ELSEWHERE) === operation,
      );
      if (operations.length === 0) throw new Error(`there is no operation ${operation}`);
      const chosen = pick(operations, random);
      if (n % TEND_EVERY === 1) await world.tend();
      await this.tryOne(world, chosen, n, Math.floor(random() * 2 ** 31));
      this.report.sent = n;
      onProgress?.(n);
      if (this.report.failures.length >= MOST_FAILURES) return;
    }
  }

  private async tryOne(world: World, operation: Operation | undefined, n: number, seed: number) {
    const material: Material = {
      knowledge: world.knowledge,
      examples: world.examples,
      keys: world.callers ? keysOf(world.callers, world.knowledge) : fc.constant(undefined),
    };
    const requests = operation ? requestOf(operation, material) : elsewhere(material);
    let failed: { request: FuzzRequest; fault: string } | undefined;
    let sent = 0;
    const holds = async (request: FuzzRequest) => {
      if (sent > MOST_SHRINKS) return true;
      const fault = await this.probe(world, operation, request, sent++ === 0);
      if (fault !== undefined) failed = { request, fault };
      return fault === undefined;
    };
    await fc.check(fc.asyncProperty(requests, holds), { seed, numRuns: 1 });
    if (failed) this.keep(world, operation, n, failed);
  }

  /** @returns what is wrong with the answers; undefined when nothing is */
  private async probe(
    world: World,
    operation: Operation | undefined,
    request: FuzzRequest,
    isCounted: boolean,
  ): Promise<string | undefined> {
    // Answers to a disconnected client cannot be counted.
    const transport =
      request.transport === 'broken' && /\/predictions/.test(request.path)
        ? 'socket'
        : request.transport;
    const sent = { ...request, transport };
    try {
      const sending = Array.from({ length: request.times }, () => world.sender.send(sent));
      let fault: string | undefined;
      for (const answer of await Promise.all(sending)) {
        if (isCounted) this.count(operation, answer);
        if (!answer) continue;
        world.note(sent, answer);
        fault ??= world.judge.faultOf(operation, sent, answer);
        if (fault === undefined && operation) world.knowledge.learn(operation, sent, answer);
      }
      return fault;
    } catch (error) {
      return `no answer: ${(error as Error).stack}`;
    }
  }

  private count(operation: Operation | undefined, answer: Answer | undefined): void {
    const id = operation?.id ?? ELSEWHERE;
    const statuses = this.report.statuses.get(id) ?? new Map<number, number>();
    const status = answer?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    this.report.statuses.set(id, statuses);
  }

  /** Keeps a failure unless one like it is kept. */
  private keep(
    world: World,
    operation: Operation | undefined,
    request: number,
    failed: { request: FuzzRequest; fault: string },
  ): void {
    const id = operation?.id ?? ELSEWHERE;
    const kind = `${id} ${failed.fault.slice(0, 60)}`;
    if (this.known.has(kind)) return;
    this.known.add(kind);
    const { fault } = failed;
    const curl = curlOf(failed.request);
    this.report.failures.push({ world: world.name, operation: id, request, fault, curl });
  }
}
