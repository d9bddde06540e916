import { beforeEach, expect, it } from '@jest/globals';
import { MissingObject, type Objects } from '../../src/adapters/objects/objects.js';
import { textOf } from '../support/datasets.js';

const MANY = 20;
const bytesOf = (text: string) => Buffer.from(text);

/** The contract of objects. @param newPlace returns a function that opens empty storage */
export function objectsContract(newPlace: () => () => Objects): void {
  let open: () => Objects;
  let objects: Objects;
  beforeEach(() => {
    open = newPlace();
    objects = open();
  });

  const listed = async (prefix: string) => {
    const keys: string[] = [];
    for await (const { key } of objects.list(prefix)) keys.push(key);
    return keys.sort();
  };
  const create = async (...keys: readonly string[]) => {
    for (const key of keys) await objects.createOnce(key, bytesOf(key));
  };

  it('distinguishes a missing object from an empty one', async () => {
    await objects.createOnce('a/empty', new Uint8Array());
    expect(await objects.readText('a/empty')).toBe('');
    expect(await textOf(objects.stream('a/empty'))).toBe('');
    for (const key of ['a/none', 'b/none', 'a/empty/none']) {
      expect(await objects.read(key)).toBeUndefined();
      await expect(textOf(objects.stream(key))).rejects.toThrow(MissingObject);
    }
    expect([await objects.has('a/empty'), await objects.has('a/empt')]).toEqual([true, false]);
    expect([await objects.hasAny('a/'), await objects.hasAny('b/')]).toEqual([true, false]);
  });

  it('creates an object once, for one of many concurrent calls', async () => {
    const texts = Array.from({ length: MANY }, (_, i) => `text ${i}`);
    const created = await Promise.all(
      texts.map((text) => open().createOnce('a/b/one', bytesOf(text))),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await objects.readText('a/b/one')).toBe(texts[created.indexOf(true)]);
    expect(await objects.createOnce('a/b/one', bytesOf('another'))).toBe(false);
    expect(await listed('')).toEqual(['a/b/one']);
  });

  it('replaces an object, whole', async () => {
    const texts = Array.from({ length: MANY }, (_, i) => `${i}`.repeat(1000));
    await Promise.all(texts.map((text) => open().replace('a/one', bytesOf(text))));
    expect(texts).toContain(await objects.readText('a/one'));
    await objects.replace('a/one', bytesOf('last'));
    expect(await open().readText('a/one')).toBe('last');
  });

  it('shows a streamed object once it is complete, and never an aborted one', async () => {
    const [kept, dropped, empty] = ['a/kept', 'a/dropped', 'a/empty'].map((key) =>
      objects.write(key),
    );
    const piece = bytesOf('some');
    await kept!.write(piece);
    piece.fill('x');
    await dropped!.write(bytesOf('half'));
    expect(await listed('')).toEqual([]);
    await kept!.write(bytesOf(' rows'));
    await kept!.end();
    await kept!.abort();
    await dropped!.abort();
    await empty!.end();
    expect(await listed('')).toEqual(['a/empty', 'a/kept']);
    expect(await objects.readText('a/kept')).toBe('some rows');
  });

  it('lists by prefix, and names the next segments', async () => {
    await create('a/1', 'a/10', 'a/b/2', 'a/b/c/3', 'ab/4', 'z');
    expect(await listed('')).toEqual(['a/1', 'a/10', 'a/b/2', 'a/b/c/3', 'ab/4', 'z']);
    expect(await listed('a/')).toEqual(['a/1', 'a/10', 'a/b/2', 'a/b/c/3']);
    expect(await listed('a/1')).toEqual(['a/1', 'a/10']);
    expect(await listed('none/')).toEqual([]);
    expect((await objects.names('a/')).sort()).toEqual(['1', '10', 'b']);
    expect((await objects.names('')).sort()).toEqual(['a', 'ab', 'z']);
    expect(await objects.names('none/')).toEqual([]);
    const [first] = await objects.directories('a/');
    expect(first).toMatchObject({ name: 'b', path: 'a/b/' });
    const seconds = (Date.now() - first!.modified.getTime()) / 1000;
    expect(Math.abs(seconds)).toBeLessThan(60);
    for await (const { key, bytes } of objects.list('a/')) expect(bytes).toBe(key.length);
    expect(await objects.bytes()).toBe(6 * 4096);
  });

  it('keeps neither objects nor names of removed objects', async () => {
    await create('a/1', 'a/b/2', 'a/b/c/3', 'a/b/c/4', 'z/5');
    await objects.remove(['a/b/c/3', 'a/b/c/none', 'none/at/all']);
    expect(await listed('')).toEqual(['a/1', 'a/b/2', 'a/b/c/4', 'z/5']);
    await objects.removeAll('a/b/');
    expect(await objects.names('a/')).toEqual(['1']);
    await objects.removeAll('none/');
    expect(await listed('')).toEqual(['a/1', 'z/5']);
    await create('a/b/2');
    expect(await listed('a/')).toEqual(['a/1', 'a/b/2']);
  });

  it('creates objects during removals of others', async () => {
    const turns = Array.from({ length: MANY }, async (_, i) => {
      for (let turn = 0; turn < 5; turn++) {
        const key = `a/${turn % 2}/c/${i}`;
        expect(await open().createOnce(key, bytesOf(key))).toBe(true);
        const writer = open().write(`${key}-written`);
        await writer.write(bytesOf(key));
        await open().remove([key]);
        await writer.end();
        expect(await open().readText(`${key}-written`)).toBe(key);
        await open().remove([`${key}-written`]);
      }
    });
    await Promise.all(turns);
    expect(await listed('')).toEqual([]);
  });

  it('keeps whole objects in a sweep', async () => {
    await create('a/1', 'a/b/2');
    await objects.sweep('a/', new Date(Date.now() + 60_000));
    await objects.sweep('none/', new Date(Date.now() + 60_000));
    expect(await listed('')).toEqual(['a/1', 'a/b/2']);
  });
}
