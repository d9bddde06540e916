// Kills a server and its worker with SIGKILL under eight writers, and checks that acknowledged data survives.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, startServer } from './server.js';
import { CLIENT, WRITERS } from './writers.js';

const SHORTEST_MS = 200;
const LONGEST_MS = 1200;
const JOBS_MS = 120_000;
/** Requests that need an admin's key; all others use the client's key and are metered. */
const ADMIN = /^\/(keys|plans|usage)/;

/** Kills the server repeatedly, and reports acknowledged data that is lost. */
export async function prove({ kills }) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-kills-'));
  const env = {
    DATA_DIR: join(directory, 'data'),
    MODEL_DIR: join(directory, 'model'),
    ACCESS: 'keys',
    MAX_JOBS: '100000',
    MAX_OPEN_UPLOADS: '100000',
    JOB_LEASE_S: '1',
    JOB_POLL_S: '1',
    JOB_MAX_ATTEMPTS: '100',
  };
  let server;
  const world = new World(() => server.url);
  const start = () => startServer(env, (fault) => world.end(fault));
  try {
    cpSync('model', env.MODEL_DIR, { recursive: true });
    world.keys = {
      client: await newKey(env, CLIENT, 'predict,data,train'),
      admin: await newKey(env, 'operator', 'admin'),
    };
    server = await start();
    const writers = WRITERS.map((Writer, n) => new Writer(world, n));
    const writing = Promise.all(writers.map((writer) => world.repeat(writer)));
    // It rejects if the server exits by itself, perhaps before it is awaited.
    writing.catch(() => undefined);
    for (let kill = 0; kill < Number(kills) && !world.isDead; kill++) {
      await sleep(SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * Math.random());
      await server.kill();
      server = await start();
    }
    world.isOver = true;
    await writing;
    await jobsEnd(world);
    const lost = [];
    for (const writer of writers) lost.push(...(await writer.lost()));
    const acknowledged = Object.fromEntries(writers.map(({ name, done }) => [name, done.length]));
    const isBusy = writers.every(({ done }) => done.length > 0);
    const { faults, broken } = world;
    const ok = isBusy && lost.length === 0 && faults.length === 0;
    return { ok, kills: Number(kills), acknowledged, broken, lost, faults };
  } finally {
    await server?.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function newKey(env, client, scopes) {
  await run(env, 'clients', 'create', client, '--plan', 'unlimited');
  const { key } = JSON.parse(
    await run(env, 'keys', 'create', client, '--scopes', scopes, '--json'),
  );
  return key;
}

/** Shared by the writers: a client of a server that is killed now and then. */
class World {
  isOver = false;
  /** Answers that a kill does not explain. */
  faults = [];
  /** Requests that got no answer. */
  broken = 0;

  constructor(url) {
    this.url = url;
  }

  /** Stops it: later requests get no answer. */
  end(fault) {
    this.faults.push(fault);
    this.isOver = true;
    this.isDead = true;
  }

  /** Sends until there is an answer. */
  async send(method, path, body, headers = {}) {
    for (;;) {
      if (this.isDead) throw new Error(this.faults.join('; '));
      const answer = await this.trySend(method, path, body, headers);
      if (answer && answer.status !== 503) return answer;
      await sleep(50);
    }
  }

  async trySend(method, path, body, headers) {
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    try {
      const answer = await fetch(this.url() + path, {
        method,
        headers: {
          authorization: `Bearer ${this.keys[ADMIN.test(path) ? 'admin' : 'client']}`,
          ...(body !== undefined && { 'content-type': type }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const { status } = answer;
      if (status >= 500 && status !== 503) this.faults.push(`${method} ${path}: ${status} ${text}`);
      const isJson = answer.headers.get('content-type')?.includes('json');
      return { status, body: isJson ? JSON.parse(text) : text };
    } catch {
      this.broken++;
      return undefined;
    }
  }

  /** Runs a writer, one write after the other. */
  async repeat(writer) {
    for (let n = 0; !this.isOver; n++) {
      const fault = await writer.write(n);
      if (fault) this.faults.push(`${writer.name}: ${JSON.stringify(fault)}`.slice(0, 300));
      await sleep(20);
    }
  }
}

async function jobsEnd(world) {
  const until = Date.now() + JOBS_MS;
  for (const state of ['queued', 'running']) {
    while ((await world.send('GET', `/jobs?state=${state}`)).body.items.length > 0) {
      if (Date.now() > until) {
        world.faults.push(`jobs are ${state} after ${JOBS_MS} ms`);
        return;
      }
      await sleep(200);
    }
  }
}
