import { expect } from '@jest/globals';
import type { AuditEntry } from '../../src/access/audit.js';
import type { Storage } from '../../src/compose/storage.js';
import type { DatasetDefinition } from '../../src/datasets/definition.js';
import type { BatchFacts, BatchFormat, Upload } from '../../src/datasets/port.js';
import type { Spec } from '../../src/ml/spec.js';
import type { InputFacts, ResultFacts } from '../../src/prediction/port.js';
import type { DataSource } from '../../src/rows/source.js';
import { FLATS, sha256, textOf } from './datasets.js';

const PAGE = { limit: 100 };
const V1 = '1111aaaa1111aaaa';
const V2 = '2222bbbb2222bbbb';
const JOB = '01a22027-0000-7000-8000-000000000001';
const UPLOAD: Upload = {
  id: '01a22027-0000-7000-8000-000000000002',
  format: 'csv',
  expiresAt: '2999-01-01T00:00:00.000Z',
};
const FINISHED: Upload = { ...UPLOAD, id: '01a22027-0000-7000-8000-000000000003' };

const CSV = 'area,city,since,rent\n1,Bern,2026-01-31,1\n';
const NDJSON = '{"area":1,"city":"Chur","rent":2}\n';
const QUARANTINE = 'line,column,reason,row\n3,area,"not a number",x\n';
const PARTS = ['area,city,', 'since,rent\n', '2,Chur,2026-02-01,3\n'];
const RESULT = 'area,rent\n1,2\n';
const REJECTS = 'line,column,reason,row\n';

const DEFINITION: DatasetDefinition = { ...FLATS, description: 'Flats and their rents' };
const SPEC = { name: 'gems', title: 'Gems' } as unknown as Spec;

function batchOf(text: string, format: BatchFormat, quarantined: number): BatchFacts {
  const checksum = sha256(text);
  const facts = { format, checksum, bytes: text.length, rows: 1, quarantined };
  return { id: checksum.slice(0, 16), ...facts };
}
const FIRST = batchOf(CSV, 'csv', 1);
const SECOND = batchOf(NDJSON, 'ndjson', 0);
const INPUT: InputFacts = { format: 'csv', checksum: sha256(CSV), bytes: CSV.length };
const FACTS: ResultFacts = {
  version: V1,
  rows: 1,
  rejected: 0,
  checksum: sha256(RESULT),
  bytes: RESULT.length,
};
const partOf = (text: string, i: number) => ({
  number: i + 1,
  checksum: sha256(text),
  bytes: text.length,
});

const filesOf = (mark: string) => ({
  'version.json': Buffer.from(JSON.stringify({ mark })),
  'model.json': Buffer.from(JSON.stringify({ modelTopology: mark })),
  'weights.bin': Uint8Array.from({ length: 64 }, (_, i) => i * mark.charCodeAt(0)),
});

const began: AuditEntry = {
  at: '2026-01-31T23:59:59.000Z',
  phase: 'begun',
  by: { user: 'root' },
  operation: 'createKey',
  subject: { client: 'acme' },
  request: 'r1',
};
export const AUDITED: AuditEntry[] = [
  began,
  { ...began, at: '2026-02-01T00:00:00.000Z', phase: 'ended', outcome: { status: 201 } },
];

const noDataset = async (name: string) => ({ origin: `dataset ${name}` }) as DataSource;

/** Puts something into each store. */
export async function fillStores(storage: Storage): Promise<void> {
  const { store, uploads } = await storage.datasets();
  await store.define('flats', FLATS);
  await store.define('flats', DEFINITION);
  await store.define('gone', FLATS);
  await store.remove('gone');
  await putBatch(storage, CSV, FIRST, QUARANTINE);
  await putBatch(storage, NDJSON, SECOND, '');
  for (const upload of [UPLOAD, FINISHED]) await uploads.start('flats', upload);
  await putPart(storage, 0, 'replaced');
  for (const [i, text] of PARTS.entries()) await putPart(storage, i, text);
  await uploads.finish('flats', FINISHED.id, FIRST.id);

  const batches = await storage.batchPredictions();
  await batches.putInputOnce(JOB, async (sink) => {
    await sink(Buffer.from(CSV));
    return INPUT;
  });
  await batches.putResultOnce(JOB, async (draft) => {
    await draft.writeContent(Buffer.from(RESULT));
    await draft.writeRejects(Buffer.from(REJECTS));
    return FACTS;
  });

  const { registry } = storage;
  for (const id of [V1, V2]) await registry.publish('gems', id, filesOf(id));
  await registry.moveAlias('gems', 'champion', undefined, { version: V1 });
  await registry.moveAlias('gems', 'champion', V1, { version: V2 });
  await registry.moveAlias('gems', 'challenger', undefined, { version: V1, share: 0.5 });
  await registry.moveAlias('gems', 'challenger', V1, undefined);

  const definitions = await storage.definitions(noDataset);
  await definitions.define(SPEC, 'flats', { follow: true, gate: { tolerance: 0.1 } });
}

/** Contents of the filled stores. */
export const STORED = {
  datasets: ['flats'],
  definition: DEFINITION,
  batches: [FIRST, SECOND].map((facts) => ({ ...facts, committedAt: expect.any(String) })),
  contents: [CSV, NDJSON],
  quarantines: [QUARANTINE, ''],
  totals: {
    batches: 2,
    rows: 2,
    quarantined: 1,
    bytes: CSV.length + NDJSON.length,
  },
  open: 1,
  upload: { ...UPLOAD, parts: PARTS.map(partOf) },
  finished: { ...FINISHED, parts: [], batch: FIRST.id },
  parts: PARTS.join(''),
  input: { ...INPUT, content: CSV },
  result: { ...FACTS, content: RESULT, rejects: REJECTS },
  models: ['gems'],
  versions: { [V1]: plain(filesOf(V1)), [V2]: plain(filesOf(V2)) },
  record: filesOf(V2)['version.json'].toString(),
  aliases: [['champion', { version: V2 }]],
  champions: [{ version: V1 }, { version: V2 }],
  challengers: [{ version: V1, share: 0.5 }, undefined],
  defined: ['gems'],
  model: { spec: SPEC, dataset: 'flats', follow: true, gate: { tolerance: 0.1 } },
};

/** Reads all contents. */
export async function readStores(storage: Storage): Promise<Record<keyof typeof STORED, unknown>> {
  const { store, uploads } = await storage.datasets();
  const batches = (await store.listBatches('flats', PAGE)).items;
  const open = await Promise.all(batches.map(({ id }) => store.openBatch('flats', id)));
  const upload = (await uploads.read('flats', UPLOAD.id))!;
  const predictions = await storage.batchPredictions();
  const input = (await predictions.openInput(JOB))!;
  const result = (await predictions.openResult(JOB))!;
  const { registry } = storage;
  const versions = await registry.listVersions('gems');
  const files = versions.map(async (id) => [id, plain(await registry.readVersion('gems', id))]);
  const definitions = await storage.definitions(noDataset);
  const { openData: _, ...model } = await definitions.readDefinition('gems');
  return {
    datasets: (await store.listDatasets(PAGE)).items,
    definition: await store.readDefinition('flats'),
    batches,
    contents: await Promise.all(open.map((batch) => textOf(batch!.content.read()))),
    quarantines: await Promise.all(open.map((batch) => textOf(batch!.quarantine.read()))),
    totals: await store.readTotals('flats'),
    open: await uploads.countOpen(),
    upload,
    finished: await uploads.read('flats', FINISHED.id),
    parts: await textOf(uploads.readParts('flats', UPLOAD.id, upload.parts)),
    input: { ...input.input, content: await textOf(input.content.read()) },
    result: {
      ...result.result,
      content: await textOf(result.content.read()),
      rejects: await textOf(result.rejects.read()),
    },
    models: await registry.listModels(),
    versions: Object.fromEntries(await Promise.all(files)),
    record: Buffer.from(await registry.readRecord('gems', V2)).toString(),
    aliases: [...(await registry.listAliases('gems'))],
    champions: await registry.aliasHistory('gems', 'champion'),
    challengers: await registry.aliasHistory('gems', 'challenger'),
    defined: await definitions.list(),
    model,
  };
}

/** Changes the contents like a later version, and removes them at the end. */
export async function continueStores(storage: Storage): Promise<void> {
  const { store, uploads } = await storage.datasets();
  const early = new Date('2026-01-01');
  await store.sweep('flats', early);
  await uploads.sweep('flats', UPLOAD.id, early);
  expect(await putBatch(storage, CSV, FIRST, QUARANTINE)).toMatchObject({ created: false });
  const more = `${CSV}2,Chur,2026-02-01,3\n`;
  const third = batchOf(more, 'csv', 0);
  expect(await putBatch(storage, more, third, '')).toMatchObject({ created: true });
  expect(await store.define('flats', FLATS)).toBe('replaced');
  expect(await store.readDefinition('flats')).toEqual(FLATS);
  expect((await store.listBatches('flats', PAGE)).items).toHaveLength(3);
  await store.sweep('flats', new Date('2999-01-01'));
  expect((await store.listBatches('flats', PAGE)).items).toHaveLength(3);
  await putPart(storage, 1, 'replaced');
  const { parts } = (await uploads.read('flats', UPLOAD.id))!;
  const text = await textOf(uploads.readParts('flats', UPLOAD.id, parts));
  expect(text).toBe([PARTS[0], 'replaced', PARTS[2]].join(''));
  expect(await uploads.abort('flats', UPLOAD.id)).toBe(true);
  expect(await store.remove('flats')).toBe(true);
  expect(await store.define('flats', FLATS)).toBe('created');
  expect((await store.listBatches('flats', PAGE)).items).toEqual([]);

  const predictions = await storage.batchPredictions();
  const again = { ...FACTS, rows: 7 };
  expect(await predictions.putResultOnce(JOB, async () => again)).toEqual(FACTS);
  expect(await predictions.putInputOnce(JOB, async () => ({ ...INPUT, bytes: 7 }))).toEqual(INPUT);
  expect(await predictions.remove(JOB)).toBe(true);
  expect(await predictions.openResult(JOB)).toBeUndefined();

  const { registry } = storage;
  await registry.sweep('gems', new Date('2999-01-01'));
  await registry.moveAlias('gems', 'champion', V2, { version: V1 });
  await registry.deleteVersion('gems', V2);
  expect(await registry.listVersions('gems')).toEqual([V1]);

  const definitions = await storage.definitions(noDataset);
  expect(await definitions.remove('gems')).toBe(true);
  expect(await definitions.list()).toEqual([]);
}

async function putBatch(storage: Storage, text: string, facts: BatchFacts, quarantine: string) {
  const { store } = await storage.datasets();
  return store.putBatchOnce('flats', async (draft) => {
    await draft.writeContent(Buffer.from(text));
    if (quarantine !== '') await draft.writeQuarantine(Buffer.from(quarantine));
    return facts;
  });
}

async function putPart(storage: Storage, i: number, text: string): Promise<void> {
  const { uploads } = await storage.datasets();
  await uploads.putPart('flats', UPLOAD.id, i + 1, async (sink) => {
    await sink(Buffer.from(text));
    return partOf(text, i);
  });
}

function plain(files: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );
}
