import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MODEL_DIR } from '../support/app.js';
import { startServer } from '../support/process.js';

interface Operation {
  operationId: string;
  tags: string[];
  parameters?: { name: string; in: string; example?: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, unknown>;
}
interface Try {
  operation: Operation;
  method: string;
  /** With the parameters that the page does not fill in still in braces. */
  url: string;
  type?: string;
  body?: string;
  headers?: Record<string, string>;
}
interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/** Where the page cannot know an id: the answer that has it. */
const IDS: Record<string, [operation: string, read: (body: never) => string]> = {
  batch: ['appendBatch', ({ id }: { id: string }) => id],
  upload: ['startUpload', ({ id }: { id: string }) => id],
  job: ['predictBatch', ({ id }: { id: string }) => id],
  key: ['createKey', ({ id }: { id: string }) => id],
};

describe.each([
  [
    'of the shipped models',
    {
      models: ['diamonds', 'digits', 'flights'],
      notYet: ['predictBatch application/json', 'getDataset '],
    },
  ],
  [
    'without any model',
    {
      models: [],
      notYet: [
        'predict application/json',
        'predictBatch text/csv',
        'predictBatch application/x-ndjson',
        'predictBatch application/json',
        'getDataset ',
        'getModel ',
        'listVersions ',
        'listAliases ',
        'ready ',
      ],
    },
  ],
])('the examples of /docs on a server %s', (_title, { models, notYet }) => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-examples-'));
  let server: Awaited<ReturnType<typeof startServer>>;
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    mkdirSync(join(directory, 'model'));
    for (const model of models)
      cpSync(join(MODEL_DIR, model), join(directory, 'model', model), { recursive: true });
    server = await startServer({
      MODEL_DIR: join(directory, 'model'),
      DATA_DIR: join(directory, 'data'),
    });
  });
  afterAll(async () => {
    server.child.kill();
    await server.finished;
    rmSync(directory, { recursive: true });
  });

  async function send(each: Try, ids: Record<string, string> = {}): Promise<Answer> {
    const path = each.url.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
    const answer = await fetch(server.url + path, {
      method: each.method.toUpperCase(),
      redirect: 'manual',
      headers: { ...each.headers, ...(each.type && { 'content-type': each.type }) },
      body: each.body ?? null,
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }
  async function tries(): Promise<Try[]> {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      tags: { name: string }[];
      paths: Record<string, Record<string, Operation>>;
    };
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => triesOf(path, method, operation)),
    );
    return document.tags.flatMap(({ name }) =>
      all.filter(({ operation }) => operation.tags.includes(name)),
    );
  }
  const isFilledIn = ({ operation, url, body }: Try) =>
    !url.includes('{') && (operation.requestBody === undefined || body !== undefined);
  const name = ({ operation, type = '' }: Try) => `${operation.operationId} ${type}`;

  async function job(operation: string): Promise<{ state: string; problem?: unknown }> {
    const { id } = JSON.parse(answers.get(operation)!.body);
    for (;;) {
      const job = (await (await fetch(`${server.url}/jobs/${id}`)).json()) as { state: string };
      if (!['queued', 'running'].includes(job.state)) return job;
      await pause(200);
    }
  }

  async function waitForModel(model: string): Promise<void> {
    while ((await fetch(`${server.url}/models/${model}`)).status !== 200) await pause(200);
  }

  it('work from the top to the bottom of the page', async () => {
    const refused: string[] = [];
    for (const each of (await tries()).filter(isFilledIn)) {
      const answer = await send(each);
      answers.set(each.operation.operationId, answer);
      if (answer.status < 300) continue;
      refused.push(name(each));
      // It names what is missing, and the document has the status.
      expect(answer.body).toMatch(/"code":"(\w+_not_found|not_ready)"/);
      expect(Object.keys(each.operation.responses)).toContain(String(answer.status));
    }
    expect(refused).toEqual(notYet);
    expect(await job('fitModel')).toMatchObject({ state: 'succeeded' });
  });

  it('all work once the model that the page trains is there', async () => {
    await waitForModel('example');
    const refused: string[] = [];
    for (const each of (await tries()).filter(isFilledIn)) {
      const answer = await send(each);
      if (answer.status < 300) answers.set(each.operation.operationId, answer);
      else refused.push(`${name(each)} ${answer.body}`);
    }
    // The first run created it.
    expect(refused).toEqual([expect.stringMatching(/^createClient .*"client_exists"/)]);
    expect(await job('predictBatch')).toMatchObject({ state: 'succeeded' });
  });

  it('leave open only what an earlier answer says', async () => {
    const known = Object.fromEntries(
      Object.entries(IDS).map(([id, [operation, read]]) => [
        id,
        read(JSON.parse(answers.get(operation)!.body) as never),
      ]),
    );
    const ids = { ...known, model: 'example', alias: 'champion' };
    const all = await tries();
    const written = writtenByUsers(
      all.find((each) => name(each) === 'appendBatch text/csv')!.body!,
    );
    const open = all.filter((each) => each.method !== 'delete' && !isFilledIn(each));
    const isLast = ({ operation }: Try) => operation.operationId === 'completeUpload';
    const refused: string[] = [];
    for (const each of [...open.filter((each) => !isLast(each)), ...open.filter(isLast)]) {
      const { operationId } = each.operation;
      const answer = await send({ ...each, ...written[operationId] }, ids);
      if (answer.status >= 400) refused.push(`${operationId} ${answer.body}`);
    }
    // It has one version.
    expect(refused).toEqual([expect.stringMatching(/^rollBack .*"no_previous_version"/)]);
  });

  it('remove nothing by themselves', async () => {
    const removals = (await tries()).filter(({ method }) => method === 'delete');
    expect(removals.length).toBeGreaterThan(5);
    expect(removals.filter(isFilledIn)).toEqual([]);
  });
});

function triesOf(path: string, method: string, operation: Operation): Try[] {
  const url = (operation.parameters ?? []).reduce(
    (filled, { name, example }) => filled.replace(`{${name}}`, example ?? `{${name}}`),
    path,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).filter(
    ([, { example }]) => example !== undefined,
  );
  if (bodies.length === 0) return [{ operation, method, url }];
  return bodies.map(([type, { example }]) => ({
    operation,
    method,
    url,
    type,
    body: typeof example === 'string' ? example : JSON.stringify(example),
  }));
}

/** What users of the page fill in themselves: a part is a file. @param part its content */
function writtenByUsers(part: string): Record<string, Partial<Try>> {
  const sha256 = createHash('sha256').update(part).digest();
  return {
    putPart: {
      type: 'application/octet-stream',
      body: part,
      headers: { 'content-digest': `sha-256=:${sha256.toString('base64')}:` },
    },
    completeUpload: {
      type: 'application/json',
      body: JSON.stringify({ parts: [{ number: 1, checksum: sha256.toString('hex') }] }),
    },
    rollBack: { type: 'application/json', body: '{}' },
  };
}
