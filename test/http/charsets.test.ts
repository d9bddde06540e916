import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import supertest from 'supertest';
import { datasetsApp, sha256 } from '../support/datasets.js';

const PLACES = {
  features: [
    { name: 'größe', kind: 'number' },
    { name: 'place', kind: 'category', categories: ['café', 'cafè'] },
  ],
  target: { name: 'rent' },
};
const TEXT = 'größe,place,rent\n1,café,2\n2,cafè,3\n3,cafe\u0301,4\n';

const { app, remove } = datasetsApp();
const api = supertest(app.server);
beforeAll(async () => {
  await app.ready();
  await api.put('/datasets/places').send(PLACES).expect(201);
});
afterAll(async () => {
  await app.close();
  remove();
});

const append = (body: Buffer, type = 'text/csv', dataset = 'places') =>
  api.post(`/datasets/${dataset}`).set('content-type', type).send(body);
const encoded = (charset: string, text = TEXT.normalize('NFC')) => iconv.encode(text, charset);
const line = { größe: 1, place: 'café', rent: 2 };

describe('the charset of a batch', () => {
  it.each([
    ['text/csv; charset=iso-8859-1', 'windows-1252'],
    ['text/csv; charset="Windows-1252"', 'windows-1252'],
    ['text/csv; charset=macintosh', 'macintosh'],
    ['text/csv; charset=utf-16le', 'utf-16le'],
  ])('%s is decoded, and the batch is the one of UTF-8', async (type, charset) => {
    const { body, status } = await append(encoded(charset), type);
    expect([200, 201]).toContain(status);
    expect(body).toMatchObject({
      rows: 3,
      quarantined: 0,
      checksum: sha256(TEXT.normalize('NFC')),
    });
    const { text } = await api.get(`/datasets/places/batches/${body.id}/content`).expect(200);
    expect(text).toBe(TEXT.normalize('NFC'));
  });

  it('is detected by a mark, too, with a remark', async () => {
    const { body } = await append(encoded('utf-16le', `\ufeff${TEXT}`));
    expect(body).toMatchObject({
      rows: 3,
      quarantined: 0,
      remarks: ['it is read as utf-16le, by its first bytes'],
    });
  });

  it.each([
    ['is not named and not UTF-8', 'text/csv', encoded('windows-1252'), 'line 1: byte 0xF6'],
    ['is named UTF-8 and is not', 'text/csv; charset=utf-8', encoded('windows-1252'), 'line 1'],
    ['is unknown', 'text/csv; charset=klingon', Buffer.from(TEXT), '"klingon" is unknown'],
    ['is UTF-16 that nothing names', 'text/csv', encoded('utf-16be'), 'is probably utf-16be'],
    [
      'of JSON lines is not UTF-8',
      'application/x-ndjson',
      iconv.encode(JSON.stringify(line), 'windows-1252'),
      'line 1: byte 0xF6 after "{\\"gr"',
    ],
  ])('that %s is refused', async (_what, type, body, detail) => {
    const before = (await api.get('/datasets/places')).body.totals;
    const answer = await append(body, type);
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_charset']);
    expect(answer.body.detail).toContain(detail);
    expect((await api.get('/datasets/places')).body.totals).toEqual(before);
  });

  it('of JSON lines is decoded, too', async () => {
    const bytes = iconv.encode(JSON.stringify({ ...line, rent: 9 }), 'windows-1252');
    const { body } = await append(bytes, 'application/x-ndjson; charset=latin1').expect(201);
    expect(body).toMatchObject({ rows: 1, quarantined: 0 });
  });

  it('is that of the schema where the request names none', async () => {
    const csv = { charset: 'macintosh', delimiter: ';', decimal: 'comma' };
    await api
      .put('/datasets/macs')
      .send({ ...PLACES, csv })
      .expect(201);
    const text = 'größe;place;rent\n1,5;café;2\n';
    const { body } = await append(encoded('macintosh', text), 'text/csv', 'macs').expect(201);
    expect(body).toMatchObject({ rows: 1, quarantined: 0, checksum: sha256(text) });
  });

  it('of an upload is said when it begins', async () => {
    const start = await api
      .post('/datasets/places/uploads')
      .send({ charset: 'windows-1252', compression: 'gzip' })
      .expect(201);
    const bytes = gzipSync(encoded('windows-1252', `${TEXT.normalize('NFC')}4,café,5\n`));
    const path = start.headers.location!;
    const checksum = sha256(bytes);
    await api
      .put(`${path}/parts/1`)
      .set({ 'content-type': 'application/octet-stream', 'x-checksum-sha256': checksum })
      .send(bytes)
      .expect(200);
    const { body } = await api
      .post(`${path}/complete`)
      .send({ parts: [{ number: 1, checksum }] })
      .expect(201);
    expect(body).toMatchObject({ rows: 4, quarantined: 0 });
  });
});

describe('the charset of JSON', () => {
  const definition = JSON.stringify(PLACES);
  const define = (payload: Buffer, charset: string, coding = 'identity') =>
    app.inject({
      method: 'PUT',
      url: '/datasets/named',
      payload,
      headers: {
        'content-type': `application/json; charset=${charset}`,
        'content-encoding': coding,
      },
    });
  it.each(['windows-1252', 'utf-16le', 'macintosh'])('%s is decoded', async (charset) => {
    const plain = iconv.encode(definition, charset);
    for (const coding of ['identity', 'gzip']) {
      const answer = await define(coding === 'gzip' ? gzipSync(plain) : plain, charset, coding);
      expect(answer.statusCode).toBe(201);
      const { body } = await api.get('/datasets/named').expect(200);
      expect(body).toMatchObject(PLACES);
      await api.delete('/datasets/named').expect(204);
    }
  });

  it('that the body is not in is refused', async () => {
    const answer = await define(Buffer.from('{"a":"\x81"}', 'latin1'), 'shift_jis');
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'unsupported_charset']);
  });
});

describe('a batch', () => {
  it('that is gzip without a word of it is unpacked', async () => {
    const { body } = await append(gzipSync(`${TEXT}5,café,6\n`)).expect(201);
    expect(body).toMatchObject({ rows: 4, remarks: ['it is gzip and is unpacked'] });
  });

  it('from pandas is taken, with its index and what else there is', async () => {
    const text = `sep=;\r\n;größe ;place;rent\r\n0;1; café ;7\r\n1;2;cafè;8;\r\n`;
    const { body } = await append(Buffer.from(text)).expect(201);
    expect(body).toMatchObject({ rows: 2, quarantined: 0 });
    expect(body.remarks).toEqual([
      'line 1, "sep=;", names the delimiter',
      'columns without a name are called "Unnamed: 0"',
    ]);
  });

  it.each([
    ['a spreadsheet', Buffer.from('PK\x03\x04\0\0xl/workbook.xml', 'latin1'), 'an Excel workbook'],
    ['Parquet', Buffer.from('PAR1\x15\0'), 'a Parquet file'],
    ['JSON', Buffer.from(JSON.stringify([line])), 'a JSON array'],
    ['nothing', Buffer.alloc(0), 'the file is empty, without a header'],
    ['a header alone', Buffer.from('größe,place,rent\n'), 'the file has no rows'],
  ])('that is %s is refused, and named', async (_what, bytes, detail) => {
    const { body, status } = await append(bytes);
    expect([status, body.code]).toEqual([422, 'invalid_dataset']);
    expect(body.detail).toContain(detail);
  });
});
