import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import supertest from 'supertest';
import { compose } from '../../src/compose/index.js';
import { LapidaryError } from '../../src/core/errors.js';
import { ImagePreparer } from '../../src/prediction/images.js';
import type { ImageDecoder } from '../../src/prediction/port.js';
import { configOf, DIAMOND, testApp } from '../support/app.js';
import { chunk, pngOf } from '../support/png.js';
import { publishRandom } from '../support/publish.js';

const SIZE = 28;
const { app, registry } = testApp();
const { version } = await registry.champion('digits');
const EXAMPLES = version.examples.map(({ instance, target }) => ({
  rows: instance.image as number[][],
  target,
}));
const [{ rows: ROWS, target: TARGET }] = EXAMPLES as [(typeof EXAMPLES)[0]];
const PIXELS = Buffer.from(ROWS.flat());
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const pngOfDigit = (...chunks: Buffer[]) =>
  pngOf({ width: SIZE, height: SIZE, depth: 8, colour: 'grey', rows: ROWS, chunks });
const PNG = pngOfDigit();
/** As a PNG of 784 bytes, by a comment of the right length. */
const PNG_OF_784 = pngOfDigit(
  chunk('tEXt', Buffer.from(`Comment\0${'x'.repeat(784 - PNG.length - 20)}`)),
);
/** The digit as a photo of paper has it: larger, and dark on bright. */
const photo = () =>
  sharp(
    PIXELS.map((pixel) => 255 - pixel),
    { raw: { width: SIZE, height: SIZE, channels: 1 } },
  )
    .resize(400)
    .extend({ left: 100, right: 20, background: 'white' });

const post = (type: string, body: Buffer, model = 'digits') =>
  supertest(app.server).post(`/models/${model}/predictions`).set('content-type', type).send(body);
const predict = (...images: unknown[]) =>
  supertest(app.server)
    .post('/models/digits/predictions')
    .send({ instances: images.map((image) => ({ image })) });
const withPixel = (value: unknown) =>
  ROWS.map((row, y) => row.with(5, y === 3 ? (value as number) : 0));

beforeAll(async () => {
  await app.ready();
});
afterAll(() => app.close());

describe('an image', () => {
  it('is recognised, with the probability of each class', async () => {
    const { body, status } = await predict(...EXAMPLES.map(({ rows }) => rows));
    expect(status).toBe(200);
    expect(body.predictions.map(({ label }: { label: string }) => label)).toEqual(
      EXAMPLES.map(({ target }) => target),
    );
    for (const { label, probabilities } of body.predictions) {
      const shares = Object.values(probabilities as Record<string, number>);
      expect(Object.keys(probabilities)).toEqual([...'0123456789']);
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
      expect(probabilities[label]).toBe(Math.max(...shares));
    }
  });

  it.each([
    ['its pixels in one array', [...PIXELS]],
    ['its bytes in base64', PIXELS.toString('base64')],
    [
      'its bytes in a data URL',
      `data:application/octet-stream;base64,${PIXELS.toString('base64')}`,
    ],
    ['a PNG in base64', PNG.toString('base64')],
    ['a PNG in a data URL', `data:image/png;base64,${PNG.toString('base64')}`],
    ['a PNG of as many bytes as it has pixels', PNG_OF_784.toString('base64')],
  ])('may come as %s', async (_what, image) => {
    const [expected, { body, status }] = [await predict(ROWS), await predict(image)];
    expect(status).toBe(200);
    expect(body.predictions[0].probabilities).toEqual(expected.body.predictions[0].probabilities);
  });

  it.each([
    ['image/png', PNG],
    ['image/png', PNG_OF_784],
    ['image/jpg', PNG],
    ['application/octet-stream', PIXELS],
    ['application/octet-stream', PNG],
  ])('may be all of a body of %s', async (type, bytes) => {
    const [expected, { body, status }] = [await predict(ROWS), await post(type, bytes)];
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: 'digits', version: version.id });
    expect(body.predictions).toHaveLength(1);
    expect(body.predictions[0].probabilities).toEqual(expected.body.predictions[0].probabilities);
  });

  it('may be a photo of any size, dark on bright', async () => {
    for (const [type, bytes] of [
      ['image/png', await photo().png().toBuffer()],
      ['image/jpeg', await photo().jpeg().toBuffer()],
    ] as const) {
      const { body } = await post(type, bytes);
      expect(body.predictions[0].label).toBe(TARGET);
    }
  });
});

describe('an image that is transparent', () => {
  it.each([
    ['white ink', 255],
    ['black ink', 0],
  ])('is recognised by its ink: %s', async (_what, ink) => {
    const rgba = Buffer.from([...PIXELS].flatMap((strength) => [ink, ink, ink, strength]));
    const png = await sharp(rgba, { raw: { width: SIZE, height: SIZE, channels: 4 } })
      .resize(300)
      .png()
      .toBuffer();
    const { body, status } = await post('image/png', png);
    expect([status, body.predictions?.[0].label]).toEqual([200, TARGET]);
  });
});

describe('pixels from 0 to 1', () => {
  it('are answered with a warning', async () => {
    const scaled = ROWS.map((row) => row.map((pixel) => pixel / 255));
    const { body } = await predict(
      scaled,
      ROWS,
      ROWS.map((row) => row.map(() => 0)),
    );
    expect(body.predictions[0].warnings).toEqual([
      { field: 'image', code: 'pixels_zero_to_one', message: expect.stringContaining('by 255') },
    ]);
    expect(body.predictions[1]).not.toHaveProperty('warnings');
    expect(body.predictions[2]).not.toHaveProperty('warnings');
  });
});

describe('many images', () => {
  const feature = { kind: 'image', name: 'image', width: SIZE, height: SIZE } as const;
  const spec = { features: [feature] };
  const images = Array.from({ length: 1206 }, () => ({ image: PNG.toString('base64') }));

  it('are decoded up to a number of pixels', async () => {
    const whole: ImageDecoder = {
      async decode(_bytes, { onPixels } = {}) {
        onPixels?.(16_000_000);
        return { width: SIZE, height: SIZE, pixels: PIXELS };
      },
    };
    await expect(new ImagePreparer(whole).prepare(images, { spec })).rejects.toMatchObject({
      code: 'payload_too_large',
      message: expect.stringContaining('128 megapixels'),
    });
  });

  it('are decoded up to the first that cannot be taken', async () => {
    let count = 0;
    const damaged: ImageDecoder = {
      async decode() {
        count++;
        throw new LapidaryError('invalid_image', 'it is damaged');
      },
    };
    await expect(new ImagePreparer(damaged).prepare(images, { spec })).rejects.toMatchObject({
      code: 'invalid_instances',
      faults: { length: 10 },
    });
    expect(count).toBe(10);
  });

  it('are decoded while the client waits', async () => {
    let left = 3;
    const ended = () =>
      left-- > 0 ? undefined : new LapidaryError('client_closed', 'the client has hung up');
    const whole: ImageDecoder = {
      decode: async () => ({ width: SIZE, height: SIZE, pixels: PIXELS }),
    };
    await expect(new ImagePreparer(whole).prepare(images, { spec, ended })).rejects.toMatchObject({
      code: 'client_closed',
    });
    expect(left).toBe(-1);
  });
});

describe('an image is refused, with its instance and field,', () => {
  const blank = pngOf({ width: 2, height: 1, depth: 8, colour: 'grey', rows: [[9, 9]] });
  it.each([
    ['with a pixel too bright', withPixel(256), /pixel 89 must be a number from 0 to 255, not 256/],
    ['with a pixel below 0', withPixel(-1), /pixel 89 .* not -1/],
    ['with a pixel that is text', withPixel('9'), /pixel 89 .* not "9"/],
    ['with a pixel missing', withPixel(null), /pixel 89 .* not null/],
    ['with a row too few', ROWS.slice(1), /must be 28 arrays of 28 numbers, or 784 numbers/],
    ['with a short row', ROWS.with(4, [1, 2]), /must be 28 arrays of 28/],
    ['with a pixel too few', [...PIXELS].slice(1), /or 784 numbers/],
    ['of another size', Array(28).fill(Array(29).fill(0)), /must be 28 arrays of 28/],
    ['that is none', 7, /must be 28 arrays of 28/],
    ['that is nothing', '', /it is empty/],
    ['in bytes too few', PIXELS.subarray(1).toString('base64'), /send one PNG or JPEG/],
    ['that is a GIF', GIF.toString('base64'), /send one PNG or JPEG/],
    ['that is half a PNG', PNG.subarray(0, 90).toString('base64'), /damaged/],
    ['that is blank', blank.toString('base64'), /the image is blank/],
  ])('%s', async (_what, image, message) => {
    const { body, status } = await predict(ROWS, image);
    expect([status, body.code]).toEqual([422, 'invalid_instances']);
    expect(body.detail).toMatch(/^instance 1, field image: /);
    expect(body.errors).toEqual([
      {
        instance: 1,
        field: 'image',
        code: 'invalid_image',
        message: expect.stringMatching(message),
      },
    ]);
  });

  it('however many of them are wrong', async () => {
    const bad = GIF.toString('base64');
    const { body } = await predict(bad, ROWS, bad);
    expect(body.errors.map(({ instance }: { instance: number }) => instance)).toEqual([0, 2]);
  });

  it('as a body too', async () => {
    const { body, status } = await post('image/png', GIF);
    expect([status, body.code]).toEqual([422, 'invalid_instances']);
    expect(body.errors).toMatchObject([{ instance: 0, field: 'image' }]);
  });
});

describe('an image as a body is not taken', () => {
  it('of another type', async () => {
    const { body, status } = await post('image/gif', GIF);
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('by a model that takes none', async () => {
    const { body, status } = await post('image/png', PNG, 'diamonds');
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
    expect(body.detail).toContain('application/json');
    const good = await supertest(app.server)
      .post('/models/diamonds/predictions')
      .send({ instances: [DIAMOND] });
    expect(good.status).toBe(200);
  });

  it('by a model that takes more than it', async () => {
    const models = mkdtempSync(join(tmpdir(), 'lapidary-images-'));
    const parts = await compose(configOf(models));
    await publishRandom(parts.operator.versions);
    const { app: other } = testApp(parts);
    const url = '/models/marked/predictions';
    const png = await other.inject({
      method: 'POST',
      url,
      payload: PNG,
      headers: { 'content-type': 'image/png' },
    });
    expect([png.statusCode, png.json().code]).toEqual([415, 'unsupported_media_type']);
    const instance = { picture: PNG.toString('base64'), weight: 3 };
    const json = await other.inject({ method: 'POST', url, payload: { instances: [instance] } });
    expect([json.statusCode, json.json().predictions?.length]).toEqual([200, 1]);
    await other.close();
    rmSync(models, { recursive: true });
  });
});
