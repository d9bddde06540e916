// Uploads, stores and predicts a gigabyte of rows: completely, in order, and in bounded memory.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from './server.js';

/** Memory limit of the server and of the worker. */
const MOST_MEGABYTES = 400;
const CSV = createRequire(import.meta.url).resolve('@observablehq/sample-datasets/diamonds.csv');

/** Uploads and predicts the given number of megabytes. */
export async function prove({ megabytes }) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-large-'));
  const models = join(directory, 'model');
  cpSync('model', models, { recursive: true });
  const { features, target } = JSON.parse(readFileSync(join(models, 'diamonds/spec.json'), 'utf8'));
  const faults = [];
  const server = await startServer(
    { DATA_DIR: join(directory, 'data'), MODEL_DIR: models },
    (fault) => faults.push(fault),
  );
  const expect = (what, found, expected) => {
    if (found !== expected) faults.push(`${what}: ${found}, not ${expected}`);
  };
  try {
    const api = apiAt(server.url);
    await api.put('/datasets/gems', { features, target: { name: target.name } });

    const sent = new Rows(megabytes * 2 ** 20);
    const began = Date.now();
    const batch = await api.post('/datasets/gems', sent.stream(), 'text/csv');
    const uploadSeconds = secondsSince(began);
    expect('rows of the batch', batch.rows, sent.rows);
    expect('bytes of the batch', batch.bytes, sent.bytes);
    expect('checksum of the batch', batch.checksum, sent.checksum());

    const ordered = Date.now();
    const { id } = await api.post('/models/diamonds/batch-predictions', { dataset: 'gems' });
    const job = await api.ended(id);
    const predictSeconds = secondsSince(ordered);
    expect('state of the job', job.state, 'succeeded');
    expect('rows predicted', job.result?.rows, sent.rows);
    const result = await api.read(`/models/diamonds/batch-predictions/${id}/result`);
    expect('lines of the result', result.lines, sent.rows + 1);
    expect('checksum of the result', result.checksum, job.result?.checksum);

    const peakMegabytes = server.pids().map(peakOf);
    for (const peak of peakMegabytes)
      if (peak > MOST_MEGABYTES) faults.push(`a process took ${peak} MB`);
    const figures = { bytes: sent.bytes, rows: sent.rows, uploadSeconds, predictSeconds };
    return { ok: faults.length === 0, ...figures, peakMegabytes, faults };
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Repeats the rows of diamonds up to the given number of bytes. */
class Rows {
  rows = 0;
  bytes = 0;
  #hash = createHash('sha256');

  constructor(least) {
    this.least = least;
  }

  stream() {
    return Readable.from(this.#chunks());
  }

  checksum() {
    return this.#hash.digest('hex');
  }

  *#chunks() {
    const [header, ...rows] = readFileSync(CSV, 'utf8').trimEnd().split(/\r?\n/);
    const chunk = Buffer.from(`${rows.join('\n')}\n`);
    yield this.#count(Buffer.from(`${header}\n`));
    while (this.bytes < this.least) {
      yield this.#count(chunk);
      this.rows += rows.length;
    }
  }

  #count(chunk) {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    return chunk;
  }
}

function apiAt(url) {
  const send = async (method, path, body, type = 'application/json') => {
    const isStream = body instanceof Readable;
    const answer = await fetch(url + path, {
      method,
      headers: { ...(body && { 'content-type': type }) },
      ...(body && { body: isStream ? body : JSON.stringify(body), duplex: 'half' }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer;
  };
  const json = async (...request) => (await send(...request)).json();
  return {
    put: (path, body) => json('PUT', path, body),
    post: (path, body, type) => json('POST', path, body, type),
    async ended(id) {
      for (;;) {
        const job = await json('GET', `/jobs/${id}`);
        if (!['queued', 'running'].includes(job.state)) return job;
        await sleep(500);
      }
    },
    async read(path) {
      const hash = createHash('sha256');
      let lines = 0;
      for await (const chunk of (await send('GET', path)).body) {
        hash.update(chunk);
        lines += Buffer.from(chunk).toString('latin1').split('\n').length - 1;
      }
      return { lines, checksum: hash.digest('hex') };
    },
  };
}

function secondsSince(began) {
  return Math.round((Date.now() - began) / 1000);
}

function peakOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024);
}
