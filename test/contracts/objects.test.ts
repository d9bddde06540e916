import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Directory } from '../../src/adapters/objects/directory.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import { objectsContract } from './objects.js';

describe('a directory', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lapidary-objects-'));
  afterAll(() => rmSync(parent, { recursive: true }));
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(parent, 'place-'));
  });

  objectsContract(() => {
    const place = mkdtempSync(join(parent, 'place-'));
    return () => new Directory(place);
  });

  const paths = () => readdirSync(root, { recursive: true }).map(String).sort();

  it('has no empty directories, but for those at its top', async () => {
    const objects = new Directory(root);
    await objects.createOnce('a/b/c/1', Buffer.from('x'));
    const writer = objects.write('a/b/d/2');
    await writer.write(Buffer.from('x'));
    await objects.remove(['a/b/c/1']);
    await writer.abort();
    expect(paths()).toEqual(['a']);
  });

  it('keeps one kind of key elsewhere', async () => {
    const models = join(root, 'models-of-people');
    const objects = new Directory(join(root, 'data'), { models });
    await objects.createOnce('models/gems/1', Buffer.from('x'));
    await objects.createOnce('modelsx/gems/1', Buffer.from('x'));
    expect(existsSync(join(models, 'gems', '1'))).toBe(true);
    expect(existsSync(join(root, 'data', 'modelsx', 'gems', '1'))).toBe(true);
    expect(await objects.names('models/')).toEqual(['gems']);
    expect(objects.pathFrom('models/gems', join(root, 'data.csv'))).toBe('../../data.csv');
    await objects.remove(['models/gems/1']);
    expect(readdirSync(models)).toEqual([]);
  });

  it('removes old files of crashes, and hides them before', async () => {
    const objects = new Directory(root);
    await objects.createOnce('a/1', Buffer.from('x'));
    // A stream that never ends leaves the files of a crash.
    for (const key of ['a/2', 'a/b/3', 'c/4']) await objects.write(key).write(Buffer.from('half'));
    writeFileSync(join(root, 'a', '.of-people'), 'x');
    const sweep = () => objects.sweep('a/', new Date(Date.now() - 60_000));
    await sweep();
    expect(paths()).toHaveLength(8);
    expect((await objects.names('a/')).sort()).toEqual(['.of-people', '1', 'b']);
    const hourAgo = Date.now() / 1000 - 3600;
    for (const path of paths()) utimesSync(join(root, path), hourAgo, hourAgo);
    await sweep();
    expect(paths()).toEqual(['a', 'a/.of-people', 'a/1', 'c', expect.stringMatching(/^c\/\./)]);
  });
});

describeAws('a bucket', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  objectsContract(() => bucket.newPlace().open);
});
