import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SILENT } from '../../src/core/signals.js';
import {
  packVersion,
  type TrainedCard,
  unpackRecord,
  unpackVersion,
  type Version,
} from '../../src/registry/index.js';
import { VersionService } from '../../src/registry/service.js';
import { FALLBACK } from '../../src/serving/loader.js';
import { CHAMPION, ServingService } from '../../src/serving/service.js';
import { DIAMOND, MODEL_DIR } from '../support/app.js';
import { RecordedSignals } from '../support/signals.js';
import { registryIn } from '../support/stores.js';
import { CONTENT, retrained, SHIPPED, SHIPPED_ID } from '../support/versions.js';

describe('the id of a version', () => {
  const idOf = (content: Omit<Version, 'id'>) => packVersion(content).id;

  it('is that of its content: packed again, the shipped version has the id it has', () => {
    expect(idOf(CONTENT)).toBe(SHIPPED_ID);
  });

  it('does not depend on the order of the spec, nor on where and when it was trained', () => {
    const spec = Object.fromEntries(Object.entries(CONTENT.spec).reverse()) as Version['spec'];
    const training = { ...CONTENT.card.training!, trainedAt: '2000-01-01T00:00:00Z' };
    expect(idOf({ ...CONTENT, spec, card: { ...CONTENT.card, training } })).toBe(SHIPPED_ID);
  });

  it('is another for another spec, encoding or weight', () => {
    const { spec, encoding } = CONTENT;
    const ids = [
      SHIPPED_ID,
      idOf({ ...CONTENT, spec: { ...spec, title: 'Gems' } }),
      idOf({ ...CONTENT, encoding: { ...encoding, target: { mean: 0, deviation: 1 } } }),
      idOf(retrained(0.5)),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('comes with all that is needed to read the version back', () => {
    const { id, files } = packVersion(CONTENT);
    expect(unpackVersion(id, files)).toEqual(SHIPPED);
  });

  /** The files of a version with an edited `version.json`. */
  const edited = (edit: (record: EditableRecord) => unknown) => {
    const { id, files } = packVersion(CONTENT);
    const record = JSON.parse(Buffer.from(files['version.json']).toString());
    edit(record);
    return [id, { ...files, 'version.json': Buffer.from(JSON.stringify(record)) }] as const;
  };

  it.each<[string, (record: EditableRecord) => unknown]>([
    ['a better error', ({ card }) => Object.assign(card.metrics.test, { mae: 1 })],
    ['another baseline', ({ card }) => Object.assign(card.metrics.baselines, { linear: {} })],
    ['another parity', ({ card }) => Object.assign(card.parity!, { rows: 1e6 })],
    [
      'a lineage of other data',
      ({ card }) => Object.assign(card.data, { checksum: 'f'.repeat(64) }),
    ],
    ['a reason to fall back', ({ card }) => Object.assign(card, { fallback: 'none' })],
    ['another example', ({ examples }) => Object.assign(examples[0]!, { target: 1 })],
    ['no examples', (record) => Object.assign(record, { examples: [] })],
    ['an unknown kind', (record) => Object.assign(record, { artifact: 'rules' })],
  ])('is corrupt when it was given %s', (_what, edit) => {
    const [id, files] = edited(edit);
    const corrupt = expect.objectContaining({ code: 'version_corrupt' });
    expect(() => unpackVersion(id, files)).toThrow(corrupt);
    expect(() => unpackRecord(id, files['version.json'])).toThrow(corrupt);
  });

  it('is read without checksum, kind and list of files, as older ones are', () => {
    const [id, files] = edited((record) => {
      for (const name of ['checksum', 'artifact', 'files'] as const) delete record[name];
    });
    expect(unpackVersion(id, files)).toEqual(SHIPPED);
  });

  it('is shipped with a checksum', async () => {
    for (const model of ['diamonds', 'digits', 'flights']) {
      const store = registryIn(MODEL_DIR);
      const { version } = (await store.readAlias(model, 'champion'))!;
      const file = Buffer.from(await store.readRecord(model, version)).toString();
      expect(JSON.parse(file).checksum).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

interface EditableRecord extends Pick<Version, 'examples'> {
  card: TrainedCard;
  checksum?: string;
  artifact?: string;
  files?: string[];
}

describe('the registry', () => {
  let directory: string;
  let registry: ServingService;
  const newRegistry = (signals = SILENT) => new ServingService(registryIn(directory), { signals });
  const publish = (content: Omit<Version, 'id'>) =>
    new VersionService(registryIn(directory), registry).publish(content);
  const fileOf = (id: string, name: string) => join(directory, 'diamonds', 'versions', id, name);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lapidary-registry-'));
    registry = newRegistry();
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('has no models at first', async () => {
    expect(await registry.models()).toEqual([]);
    expect(await registry.loadAll()).toEqual([]);
    await expect(registry.champion('diamonds')).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it('serves what it published, after a restart too', async () => {
    expect(await publish(CONTENT)).toBe(SHIPPED_ID);
    for (const serving of [registry, newRegistry()]) {
      const { version, model } = await serving.champion('diamonds');
      expect(version).toEqual(SHIPPED);
      expect((await model.predict([DIAMOND]))[0]!.value).toBeGreaterThan(250);
      expect(await serving.models()).toEqual(['diamonds']);
    }
  });

  it('serves the new champion from the next request on', async () => {
    await publish(CONTENT);
    const before = await registry.champion('diamonds');
    const id = await publish(retrained(0.5));
    const after = await registry.champion('diamonds');
    expect([before.version.id, after.version.id]).toEqual([SHIPPED_ID, id]);
    const old = await before.model.predict([DIAMOND]);
    expect(await after.model.predict([DIAMOND])).not.toEqual(old);
  });

  it('keeps the versions it no longer serves', async () => {
    await publish(CONTENT);
    const id = await publish(retrained(0.5));
    const store = registryIn(directory);
    await store.moveAlias('diamonds', CHAMPION, id, { version: SHIPPED_ID });
    expect((await newRegistry().champion('diamonds')).version.id).toBe(SHIPPED_ID);
  });

  it('loads a version once, however many ask at once, and needs its files no more', async () => {
    await publish(CONTENT);
    const [first, ...others] = await Promise.all(
      Array.from({ length: 5 }, () => registry.champion('diamonds')),
    );
    await rm(fileOf(SHIPPED_ID, 'weights.bin'));
    for (const other of [...others, await registry.champion('diamonds')]) {
      expect(other).toBe(first);
    }
  });

  describe('and layers that the plan does not support', () => {
    // An activation by a name that TensorFlow.js takes and the plan does not.
    const foreign = (): Omit<Version, 'id'> => {
      const text = JSON.stringify(CONTENT.network.modelTopology);
      const modelTopology: unknown = JSON.parse(text.replaceAll('"swish"', '"hardSigmoid"'));
      return { ...CONTENT, network: { ...CONTENT.network, modelTopology } };
    };
    const serve = async (content: Omit<Version, 'id'>) => {
      const signals = new RecordedSignals();
      registry = newRegistry(signals);
      const id = await publish(content);
      const served = await registry.champion('diamonds');
      return { id, reports: signals.of(FALLBACK), ...served };
    };

    it('serves with TensorFlow.js, and says so', async () => {
      const { id, reports, engine, model } = await serve(foreign());
      expect(engine).toBe('tensorflow');
      const reason = expect.stringMatching(/^Layer 'member0_dense0'/);
      expect(reports).toEqual([{ model: 'diamonds', version: id, reason }]);
      const one = await model.predict([DIAMOND]);
      const many = await model.predict(Array.from({ length: 300 }, () => DIAMOND));
      expect(many[299]!.value).toBeCloseTo(one[0]!.value!, 2);
    });

    it('leaves a version that was published for TensorFlow.js with it', async () => {
      const card = { ...CONTENT.card, fallback: 'the plan did not know it then' };
      const { engine, reports, model } = await serve({ ...CONTENT, card });
      expect([engine, reports[0]!.reason]).toEqual(['tensorflow', card.fallback]);
      const shipped = await new ServingService(registryIn(MODEL_DIR)).champion('diamonds');
      const [actual] = await model.predict([DIAMOND]);
      const [wanted] = await shipped.model.predict([DIAMOND]);
      expect(actual!.value! / wanted!.value!).toBeCloseTo(1, 4);
    });
  });

  const turned = (bytes: Buffer) => bytes.map((byte, i) => (i === 1000 ? byte ^ 1 : byte));
  const edited = (bytes: Buffer) => bytes.toString().replace('"Diamond prices"', '"Glass prices"');

  it.each([
    ['weights with one bit turned', 'weights.bin', turned],
    ['weights that end early', 'weights.bin', (bytes: Buffer) => bytes.subarray(0, -4)],
    ['a network that ends early', 'model.json', (bytes: Buffer) => bytes.subarray(0, 500)],
    ['an edited spec', 'version.json', edited],
    ['an empty record', 'version.json', () => '{}'],
    ['a record of nothing', 'version.json', () => 'null'],
  ])('refuses %s, and serves again once that is mended', async (_what, name, damage) => {
    const file = fileOf(await publish(CONTENT), name);
    const bytes = await readFile(file);
    await writeFile(file, damage(bytes));
    await expect(registry.champion('diamonds')).rejects.toMatchObject({
      code: 'version_corrupt',
      status: 503,
      message: expect.stringContaining(SHIPPED_ID),
    });
    await writeFile(file, bytes);
    expect((await registry.champion('diamonds')).version.id).toBe(SHIPPED_ID);
  });
});
