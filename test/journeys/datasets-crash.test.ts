import { mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Batch } from '../../src/datasets/port.js';
import { FLATS, flats, sha256 } from '../support/datasets.js';
import { startServer } from '../support/process.js';
import { sized } from '../support/size.js';

/** The server is killed at a moment after so many batches were acknowledged. */
const KILLS = [1, 0, 0, ...sized([], [0, 0, 3])];
const LONGEST_MS = 400;
const CLIENTS = 4;
const ROWS = 3000;
/** Older than scratch is kept. */
const AGE_S = 3 * 24 * 3600;

describe('a server that is killed while it takes batches', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-crash-'));
  const env = { MODEL_DIR: join(directory, 'none'), DATA_DIR: join(directory, 'data') };
  const acknowledged = new Set<string>();
  const sent = new Map<string, string>();
  let first = 0;
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Appends one batch after another until the server is gone. */
  async function appendUntilGone(url: string): Promise<void> {
    for (;;) {
      first += ROWS;
      const text = flats(ROWS, first);
      const checksum = sha256(text);
      sent.set(checksum, text);
      const headers = { 'content-type': 'text/csv' };
      const answer = await fetch(`${url}/datasets/flats`, { method: 'POST', headers, body: text });
      if (answer.status !== 201) throw new Error(`it answered ${answer.status}`);
      acknowledged.add(((await answer.json()) as Batch).checksum);
    }
  }

  it('has every batch that it acknowledged, once and whole, and no half one', async () => {
    for (const more of KILLS) {
      const enough = acknowledged.size + more;
      const server = await startServer(env);
      const body = JSON.stringify(FLATS);
      const headers = { 'content-type': 'application/json' };
      await fetch(`${server.url}/datasets/flats`, { method: 'PUT', headers, body });
      const clients = Array.from({ length: CLIENTS }, () => appendUntilGone(server.url));
      while (acknowledged.size < enough) await pause(1);
      await pause(LONGEST_MS * Math.random());
      server.child.kill('SIGKILL');
      await server.finished;
      await Promise.allSettled(clients);
      await expectWhole();
    }
    expect(acknowledged.size).toBeGreaterThan(0);
  }, 300_000);

  it('goes on with what was sent before', async () => {
    const server = await startServer(env);
    for (const text of sent.values()) {
      const headers = { 'content-type': 'text/csv' };
      const { status } = await fetch(`${server.url}/datasets/flats`, {
        method: 'POST',
        headers,
        body: text,
      });
      expect([200, 201]).toContain(status);
    }
    server.child.kill();
    await server.finished;
    expect(new Set(await expectWhole())).toEqual(new Set(sent.keys()));
  }, 60_000);

  it('has the parts that it acknowledged, and goes on with the upload', async () => {
    const text = flats(ROWS);
    const parts = [text.slice(0, 20_000), text.slice(20_000)];
    const checksums = parts.map(sha256);
    let server = await startServer(env);
    const started = await fetch(`${server.url}/datasets/flats/uploads`, { method: 'POST' });
    const path = started.headers.get('location')!;
    const putPart = (i: number) =>
      fetch(`${server.url}${path}/parts/${i + 1}`, {
        method: 'PUT',
        headers: { 'x-checksum-sha256': checksums[i]! },
        body: parts[i]!,
      });
    expect((await putPart(0)).status).toBe(200);
    const lost = putPart(1).catch(() => undefined);
    server.child.kill('SIGKILL');
    await Promise.all([server.finished, lost]);
    server = await startServer(env);
    const state = (await (await fetch(server.url + path)).json()) as { parts: object[] };
    expect(state.parts[0]).toEqual({ number: 1, checksum: checksums[0], bytes: 20_000 });
    expect((await putPart(1)).status).toBe(200);
    const done = await fetch(`${server.url}${path}/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        parts: checksums.map((checksum, i) => ({ number: i + 1, checksum })),
      }),
    });
    expect([done.status, await done.json()]).toEqual([
      201,
      expect.objectContaining({ checksum: sha256(text), rows: ROWS }),
    ]);
    sent.set(sha256(text), text);
    server.child.kill();
    await server.finished;
  }, 60_000);

  it('is rid of what the crashes left, once that is old', async () => {
    const list = () => readdirSync(env.DATA_DIR, { recursive: true, withFileTypes: true });
    const scratch = () => list().filter(({ name }) => name.startsWith('.'));
    const contents = () => list().filter(({ name }) => name === 'content').length;
    const longAgo = Date.now() / 1000 - AGE_S;
    for (const { parentPath, name } of list()) utimesSync(join(parentPath, name), longAgo, longAgo);
    // What is due later is named by its time.
    const due = join(env.DATA_DIR, 'due');
    for (const at of readdirSync(due)) {
      const earlier = new Date(Date.parse(at) - AGE_S * 1000).toISOString();
      renameSync(join(due, at), join(due, earlier));
    }
    const batches = (await expectWhole()).length;
    const isSwept = () => contents() === batches && scratch().length === 0;
    for (let wait = 0; !isSwept() && wait < 50; wait++) await expectWhole();
    expect(contents()).toBe(batches);
    expect(scratch()).toEqual([]);
  }, 60_000);

  /** Asks a new server for all batches and their contents. */
  async function expectWhole(): Promise<string[]> {
    const server = await startServer(env);
    const answer = await fetch(`${server.url}/datasets/flats?limit=1000`);
    const { items: batches } = (await answer.json()) as { items: Batch[] };
    const checksums = batches.map(({ checksum }) => checksum);
    expect(new Set(checksums).size).toBe(checksums.length);
    for (const checksum of acknowledged) expect(checksums).toContain(checksum);
    for (const { id, checksum, rows } of batches) {
      const content = await fetch(`${server.url}/datasets/flats/batches/${id}/content`);
      expect([rows, sha256(await content.text())]).toEqual([ROWS, checksum]);
      expect(sent.has(checksum)).toBe(true);
    }
    server.child.kill();
    await server.finished;
    return checksums;
  }
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
