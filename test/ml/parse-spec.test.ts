import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { LapidaryError } from '../../src/core/errors.js';
import { parseSpec } from '../../src/ml/parse-spec.js';
import { EncodingStep } from '../../src/ml/spec.js';

const SHIPPED = new URL('../../model/diamonds/spec.json', import.meta.url);
const shipped = (): unknown => JSON.parse(readFileSync(SHIPPED, 'utf8'));

/** The shipped spec with other values at these JSON pointers; undefined takes away what is there. */
function specWith(changes: Record<string, unknown>): unknown {
  const spec = shipped();
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('/').slice(1);
    const last = keys.pop()!;
    const holder = keys.reduce((inner, key) => inner[key] as typeof inner, spec as Holder);
    holder[last] = value;
  }
  return JSON.parse(JSON.stringify(spec));
}
type Holder = Record<string, unknown>;

/** What a spec is refused for. */
function faultsOf(value: unknown) {
  let thrown: unknown;
  try {
    parseSpec(value);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: 'LapidaryError', code: 'invalid_spec', status: 422 });
  return (thrown as LapidaryError).faults;
}

const pathsOf = (value: unknown) => faultsOf(value).map(({ field }) => field);

const DOCUMENTATION = new URL('../../docs/spec.md', import.meta.url);

describe('a spec', () => {
  it.each(['digits', 'flights'])('of %s is taken as it is', (model) => {
    const path = new URL(`../../model/${model}/spec.json`, import.meta.url);
    const spec = JSON.parse(readFileSync(path, 'utf8'));
    expect(parseSpec(spec)).toEqual(spec);
  });

  it('in the documentation is one, and every step is explained there', () => {
    const text = readFileSync(DOCUMENTATION, 'utf8');
    const [, json] = /```json\n([\s\S]*?)```/.exec(text)!;
    expect(() => parseSpec(JSON.parse(json!))).not.toThrow();
    for (const { properties } of EncodingStep.anyOf)
      expect(text).toContain(`| \`${properties.encode.const}\` |`);
  });

  it('that ships is taken as it is', () => {
    expect(parseSpec(shipped())).toEqual(shipped());
  });

  it.each([null, 'diamonds', [], 7])('that is %j is refused', (value) => {
    const fault = { field: '/', code: 'invalid_field', message: 'must be object' };
    expect(faultsOf(value)).toContainEqual(fault);
  });
});

describe('a fault in the shape of a spec names its path', () => {
  it.each([
    ['a name that no path can hold', '/name', 'Dia/monds'],
    ['a task that there is not', '/task', 'ranking'],
    ['a field that is not known', '/colour', 'E'],
    ['no features', '/features', []],
    ['a feature without a name', '/features/2/name', ''],
    ['a feature of no kind', '/features/3/kind', 'colour'],
    ['a bound of text', '/features/0/minimum', '0'],
    ['a category twice', '/features/1/categories', ['Fair', 'Fair']],
    ['a transform of no kind', '/target/transform', 'sqrt'],
    ['no encoding', '/encoding', []],
    ['a step of no kind', '/encoding/7/encode', 'square'],
    ['one knot', '/encoding/9/knots', [1]],
    ['an empty layer', '/network/hidden/1', 0],
    ['an activation of no kind', '/network/activation', 'step'],
    ['no members', '/network/members', 0],
    ['half an epoch', '/hyperparameters/epochs', 0.5],
    ['a billion epochs', '/hyperparameters/epochs', 1e9],
    ['a batch of everything', '/hyperparameters/batchSize', 1e9],
    ['endless patience', '/hyperparameters/patience', 1e9],
    ['a rate of 0', '/hyperparameters/learningRate', 0],
    ['a loss of no kind', '/hyperparameters/loss', 'hinge'],
    ['a seed of text', '/hyperparameters/seed', '42'],
  ])('%s: %s', (_what, path, value) => {
    expect(pathsOf(specWith({ [path]: value }))).toContain(path);
  });

  it('and the name of what is missing', () => {
    expect(faultsOf(specWith({ '/hyperparameters/patience': undefined }))).toEqual([
      {
        field: '/hyperparameters',
        code: 'invalid_field',
        message: expect.stringContaining('patience'),
      },
    ]);
  });

  it('and every one is told', () => {
    const paths = pathsOf(specWith({ '/features/0/minimum': '0', '/network/members': 0 }));
    expect(paths).toEqual(expect.arrayContaining(['/features/0/minimum', '/network/members']));
  });
});

it('refuses a network that is too large to train', () => {
  expect(faultsOf(specWith({ '/network/hidden': Array(16).fill(4096) }))).toEqual([
    {
      field: '/network',
      code: 'contradiction',
      message: expect.stringMatching(/it has \d+ weights; at most 20000000 can be trained/),
    },
  ]);
});

describe('a contradiction in a spec names its path', () => {
  it.each([
    ['"carat" is listed twice', '/features/9', { name: 'carat', kind: 'number' }],
    ['the target cannot be a feature too', '/target', { name: 'x' }],
    ['unknown feature "size"', '/encoding/0', { encode: 'standard', feature: 'size' }],
    ['unknown feature "size"', '/encoding/0', { encode: 'log', powers: { x: 1, size: 2 } }],
    [
      'standard cannot encode the category "cut"',
      '/encoding/0',
      { encode: 'standard', feature: 'cut' },
    ],
    ['log cannot encode the category "cut"', '/encoding/0', { encode: 'log', powers: { cut: 1 } }],
    ['oneHot cannot encode the number "x"', '/encoding/0', { encode: 'oneHot', feature: 'x' }],
    [
      'embedding cannot encode the number "x"',
      '/encoding/0',
      { encode: 'embedding', feature: 'x', size: 2 },
    ],
    [
      'cyclic cannot encode the number "x"',
      '/encoding/0',
      { encode: 'cyclic', feature: 'x', period: 'day' },
    ],
    ['knots must be ascending', '/encoding/9/knots', [0, 2, 2]],
  ])('%s: %s', (message, path, value) => {
    const fault = { field: path, code: 'contradiction', message };
    expect(faultsOf(specWith({ [path]: value }))).toEqual([fault]);
  });

  it.each([
    [[{ filters: 2, kernel: 6 }], []],
    [[{ filters: 2, kernel: 7 }], ['/network/convolutions/0']],
    [[{ filters: 2, kernel: 3, pool: 4 }], []],
    [[{ filters: 2, kernel: 3, pool: 5 }], ['/network/convolutions/0']],
    [
      [
        { filters: 2, kernel: 3, pool: 2 },
        { filters: 2, kernel: 3 },
      ],
      ['/network/convolutions/1'],
    ],
  ])('convolutions must fit a picture of 9 by 6: %j', (convolutions, paths) => {
    const pictures = specWith({
      '/features/9': { name: 'picture', kind: 'image', width: 9, height: 6 },
      '/encoding': [{ encode: 'pixels', feature: 'picture' }],
      '/network/convolutions': convolutions,
    });
    if (paths.length === 0) expect(parseSpec(pictures)).toBe(pictures);
    else expect(pathsOf(pictures)).toEqual(paths);
  });

  it('tiles only add to other steps: /encoding', () => {
    const alone = specWith({
      '/features/9': { name: 'sold', kind: 'datetime' },
      '/encoding': [{ encode: 'tiles', along: 'sold', by: ['cut'], hours: 24 }],
    });
    expect(pathsOf(alone)).toEqual(['/encoding']);
  });

  it('and every one is told', () => {
    const cut = { name: 'cut', kind: 'category', categories: ['Fair'] };
    const unknown = { encode: 'oneHot', feature: 'shape' };
    const paths = pathsOf(specWith({ '/features/9': cut, '/encoding/13': unknown }));
    expect(paths).toEqual(['/features/9', '/encoding/13']);
  });
});
