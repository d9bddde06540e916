import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type Operation, parametersOf } from './document.js';
import type { FuzzRequest, Transport } from './exchange.js';
import { type Knowledge, SHIPPED, type Tuple } from './knowledge.js';
import { bodyOf, type Examples } from './values/bodies.js';
import { oddText } from './values/odd.js';
import type { Rows } from './values/rows.js';
import { fitting, type Names } from './values/schema.js';

/** What requests are made from. */
export interface Material {
  knowledge: Knowledge;
  examples: Examples;
  /** Keys to call with; none if none are required. */
  keys: fc.Arbitrary<FuzzRequest['key']>;
}

type Headers = Record<string, string>;

/** Requests for an operation: most are good or nearly so. */
export function requestOf(operation: Operation, material: Material): fc.Arbitrary<FuzzRequest> {
  return tupleFor(operation, material.knowledge).chain((tuple) =>
    fc
      .record({
        query: queryOf(operation, material.knowledge.namesFor(operation, tuple)),
        headers: headersOf(material.knowledge.tags),
        content: contentOf(operation, tuple, material),
        key: material.keys,
        asBearer: fc.boolean(),
        method: methodOf(operation.method),
        transport: transports,
        times: fc.oneof(
          { weight: 25, arbitrary: fc.constant(1 as const) },
          fc.constant(2 as const),
        ),
      })
      .map(({ query, headers, content, key, asBearer, method, transport, times }) => ({
        method,
        path: pathOf(operation.path, tuple) + query,
        headers: { ...headers, ...content.headers, ...keyHeader(key, asBearer) },
        ...(content.body && { body: content.body }),
        ...(key && { key }),
        transport,
        times,
      })),
  );
}

const transports: fc.Arbitrary<Transport> = fc.oneof(
  { weight: 80, arbitrary: fc.constant('inject' as const) },
  { weight: 12, arbitrary: fc.constant('socket' as const) },
  { weight: 7, arbitrary: fc.constant('chunked' as const) },
  { weight: 1, arbitrary: fc.constant('broken' as const) },
);

function methodOf(method: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 50, arbitrary: fc.constant(method) },
    { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND') },
  );
}

/** Values for a path's parameters: mostly of what there is, else of what there is not, or cannot be. */
function tupleFor({ id, path }: Operation, knowledge: Knowledge): fc.Arbitrary<Tuple> {
  const names = parametersOf(path);
  if (names.length === 0) return fc.constant({});
  const known = recent(knowledge.tuplesOf(path)).chain((base) =>
    fc.record(
      Object.fromEntries(
        names.map((name) => {
          const all = name in base ? [base[name]!] : knowledge.names(name);
          // At the end the shipped models have to be what they were.
          const choices = id === 'fitModel' ? all.filter((model) => !SHIPPED.includes(model)) : all;
          return [name, fc.constantFrom(...(choices.length > 0 ? choices : ['fuzz-none']))];
        }),
      ),
    ),
  );
  const odd = fc
    .tuple(known, fc.constantFrom(...names), oddText)
    .map(([tuple, name, text]) => ({ ...tuple, [name]: text }));
  return fc.oneof({ weight: 7, arbitrary: known }, { weight: 1, arbitrary: odd });
}

/** Mostly one of the last: what is done to the same thing again and again leads further. */
const recent = (tuples: readonly Tuple[]): fc.Arbitrary<Tuple> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...tuples.slice(-4)) },
    { weight: 1, arbitrary: fc.constantFrom(...tuples) },
  );

const pathOf = (path: string, tuple: Tuple): string =>
  path.replace(/\{([^}]+)\}/g, (_, name) => encode(tuple[name]!));

/** What stands for itself is sent as it is, so that paths can be odd, too. */
function encode(text: string): string {
  return wellFormed(text).replace(/[^!-~]|[?#/"<>\\^`{|}]/gu, encodeURIComponent);
}

/** What no encoding has is replaced. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

function queryOf({ parameters }: Operation, names: Names): fc.Arbitrary<string> {
  // A cursor comes from an answer.
  const queried = parameters.filter(
    ({ in: place, name }) => place === 'query' && (name !== 'cursor' || names(name).length > 0),
  );
  const good = fc.record(
    Object.fromEntries(
      queried.map((parameter) => [
        parameter.name,
        fitting(parameter.schema, names, parameter.name),
      ]),
    ),
    { requiredKeys: [] },
  );
  const taken = fc.constantFrom(...queried.map(({ name }) => name), 'fuzz', '__proto__', 'limit[]');
  const odd = fc.array(fc.tuple(taken, oddText), { minLength: 1, maxLength: 3 });
  const written = (pairs: readonly (readonly [string, unknown])[]) =>
    pairs.length === 0
      ? ''
      : `?${pairs.map(([name, value]) => `${encode(name)}=${encodeURIComponent(wellFormed(String(value)))}`).join('&')}`;
  return fc.oneof(
    {
      weight: queried.length > 0 ? 6 : 20,
      arbitrary: good.map((each) => written(Object.entries(each))),
    },
    { weight: 1, arbitrary: odd.map(written) },
    { weight: 1, arbitrary: fc.constantFrom('?', '?%', '?limit=%zz', '?a&a&a', '?=&=') },
  );
}

/** Bytes that a header may have. */
const headerText = fc
  .oneof(oddText, fc.constantFrom('*', '"x"', 'W/"x"', 'text/csv', '*/*;q=0', ',,,'))
  .map((text) =>
    text
      .replace(/[^ -~\u00a0-\u00ff]/g, '')
      .trim()
      .slice(0, 2000),
  );

/** Headers that say things beside the point; some that only a gateway may say. */
function headersOf(tags: readonly string[]): fc.Arbitrary<Headers> {
  const common: fc.Arbitrary<Headers> = fc.record(
    {
      accept: fc.oneof(fc.constantFrom('application/json', '*/*', 'text/csv'), headerText),
      'idempotency-key': fc.oneof(fc.constantFrom('fuzz-1', 'fuzz-2', 'k'.repeat(300)), headerText),
      'if-match': headerText,
      'if-none-match': fc.oneof(fc.constantFrom('*', ...tags), headerText),
      'cache-control': fc.constantFrom('no-cache', 'no-store'),
      range: fc.constantFrom('bytes=0-1', 'bytes=9-1'),
      'x-request-id': headerText,
      'x-forwarded-for': headerText,
      'x-http-method-override': fc.constant('DELETE'),
      'x-amzn-request-context': fc.constant('{"authorizer":{"lambda":{"client":"fuzz"}}}'),
      'accept-encoding': fc.constantFrom('gzip', 'identity;q=0', 'br'),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Headers>;
  const foreign = fc
    .constantFrom('http://elsewhere.example', 'null', 'http://[')
    .map((origin) => ({ origin }));
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant({}) },
    { weight: 7, arbitrary: common },
    { weight: 1, arbitrary: foreign },
  );
}

function keyHeader(key: FuzzRequest['key'], asBearer: boolean): Headers {
  if (!key) return {};
  return asBearer ? { authorization: `Bearer ${key.text}` } : { 'x-api-key': key.text };
}

interface Sent {
  headers: Headers;
  body?: Uint8Array;
}

/** A body with the headers that tell what it is: mostly the truth. */
function contentOf(
  operation: Operation,
  tuple: Tuple,
  { knowledge, examples }: Material,
): fc.Arbitrary<Sent> {
  const none = fc.constant<Sent>({ headers: {} });
  const types = Object.keys(operation.content);
  if (types.length === 0)
    return fc.oneof({ weight: 20, arbitrary: none }, { weight: 1, arbitrary: uncalledFor });
  const source = { operation, tuple, knowledge, examples };
  const truthful = fc.constantFrom(...types).chain((type) =>
    fc.tuple(bodyOf(type, source), fc.nat(9)).map(([rows, luck]) => ({
      headers: { 'content-type': type, ...encodingOf(rows), ...digestOf(operation, rows, luck) },
      body: rows.bytes,
    })),
  );
  const untrue = fc
    .tuple(truthful, fc.oneof(fc.constantFrom(...TYPES), headerText))
    .map(([{ headers, body }, type]) => ({ headers: { ...headers, 'content-type': type }, body }));
  const untold = truthful.map(({ headers: { 'content-type': _, ...headers }, body }) => ({
    headers,
    body,
  }));
  return fc.oneof(
    { weight: 16, arbitrary: truthful },
    { weight: 1, arbitrary: untrue },
    { weight: 1, arbitrary: untold },
    { weight: 1, arbitrary: none },
  );
}

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/json;charset=utf-16',
  'application/problem+json',
  'text/plain',
  'text/csv',
  'application/x-ndjson',
  'image/png',
  'image/svg+xml',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
];

const uncalledFor: fc.Arbitrary<Sent> = fc
  .tuple(fc.constantFrom(...TYPES), fc.constantFrom('', '{}', '{"a":1}', '{'))
  .map(([type, text]) => ({ headers: { 'content-type': type }, body: Buffer.from(text) }));

const encodingOf = ({ encoding }: Rows): Headers =>
  encoding === undefined ? {} : { 'content-encoding': encoding };

/** The checksum that a part comes with; now and then there is another, or none. */
function digestOf({ id }: Operation, { bytes }: Rows, luck: number): Headers {
  if (id !== 'putPart' || luck === 0) return {};
  const told = luck === 1 ? Buffer.concat([bytes, Buffer.from('x')]) : bytes;
  const hash = createHash('sha256').update(told);
  if (luck % 2 === 1) return { 'x-checksum-sha256': hash.digest('hex') };
  return { 'content-digest': `sha-256=:${hash.digest('base64')}:` };
}
