import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openAuditFiles } from '../../src/compose/access.js';
import { onAws } from '../../src/compose/aws-storage.js';
import { readConfig } from '../../src/compose/config.js';
import { onThisMachine, type Storage, storageIn } from '../../src/compose/storage.js';
import { OPERATOR } from '../../src/core/operator.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import {
  AUDITED,
  continueStores,
  fillStores,
  readStores,
  STORED,
} from '../support/filled-stores.js';

const FIXTURE = join(import.meta.dirname, '../fixtures/stores-0.1.0');
const CLIENTS = [OPERATOR, 'acme'];

/**
 * Stores that the version of the fixture's name wrote, for the operator and a client. To add the stores of
 * another version, name a new directory and run this test with WRITE_STORES=1.
 */
const written = process.env.WRITE_STORES === '1';

interface StoredObject {
  key: string;
  /** In base64. */
  body: string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-stores-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function expectStored(of: (client: string) => Storage): Promise<void> {
  for (const client of CLIENTS) expect(await readStores(of(client))).toEqual(STORED);
  for (const client of CLIENTS) await continueStores(of(client));
}

describe('stores in a directory', () => {
  const config = () =>
    readConfig({ MODEL_DIR: join(directory, 'models'), DATA_DIR: join(directory, 'data') });
  const open = (client: string) => storageIn(onThisMachine(config()).of(client));
  const auditIn = async () => openAuditFiles(config());

  (written ? it : it.skip)('are written to the fixture', async () => {
    for (const client of CLIENTS) await fillStores(open(client));
    for (const entry of AUDITED) await (await auditIn()).append(entry);
    cpSync(directory, join(FIXTURE, 'directory'), { recursive: true });
  });

  it('that are filled now are read', async () => {
    for (const client of CLIENTS) await fillStores(open(client));
    await expectStored(open);
  });

  it('that an earlier version filled are read, continued and emptied', async () => {
    cpSync(join(FIXTURE, 'directory'), directory, { recursive: true });
    const audited = [];
    for await (const entry of (await auditIn()).read()) audited.push(entry);
    expect(audited).toEqual(AUDITED);
    expect(await onThisMachine(config()).clients()).toEqual(['acme']);
    await expectStored(open);
  });
});

describeAws('stores in a bucket', () => {
  async function newPlace() {
    const { env, newPlace: place } = await newBucket();
    const { prefix, open } = place();
    const config = readConfig({ ...env, S3_PREFIX: prefix });
    const storages = () => onAws(config);
    return { objects: open(), storages, of: (client: string) => storageIn(storages().of(client)) };
  }

  (written ? it : it.skip)('are written to the fixture', async () => {
    const { objects, of } = await newPlace();
    for (const client of CLIENTS) await fillStores(of(client));
    const all: StoredObject[] = [];
    for await (const { key } of objects.list('')) {
      const bytes = (await objects.read(key))!;
      all.push({ key, body: Buffer.from(bytes).toString('base64') });
    }
    writeFileSync(join(FIXTURE, 'bucket.json'), `${JSON.stringify(all, null, 2)}\n`);
  });

  it('that are filled now are read', async () => {
    const { of } = await newPlace();
    for (const client of CLIENTS) await fillStores(of(client));
    await expectStored(of);
  });

  it('that an earlier version filled are read, continued and emptied', async () => {
    const { objects, storages, of } = await newPlace();
    const all = JSON.parse(readFileSync(join(FIXTURE, 'bucket.json'), 'utf8')) as StoredObject[];
    for (const { key, body } of all) await objects.createOnce(key, Buffer.from(body, 'base64'));
    expect(await storages().clients()).toEqual(['acme']);
    await expectStored(of);
  });
});
