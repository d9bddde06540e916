import fc from 'fast-check';

/** What names and other text are not expected to be. None of it may ever become a path. */
export const ODD_TEXT = [
  '',
  ' ',
  '.',
  '..',
  '../../lapidary-fuzz-escape',
  '..\\lapidary-fuzz-escape',
  '/lapidary-fuzz-escape',
  '%2e%2e%2flapidary-fuzz-escape',
  'a/../../lapidary-fuzz-escape',
  '%',
  '%zz',
  'a\u0000b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'CON',
  'UPPER',
  '-',
  '--help',
  '$(id)',
  "' OR 1=1 --",
  '<script>',
  'NaN',
  'Infinity',
  'null',
  'true',
  '1e309',
  '-0',
  '\u{1f48e}',
  'é',
  'e\u0301',
  '\u202egnp.exe',
  '\ud800',
  '\ufeffboxes',
  'x'.repeat(64),
  'x'.repeat(101),
  'x'.repeat(5000),
] as const;

export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXT) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
);

const NUMBERS = [0, -0, -1, 0.5, 1e-320, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1.7e308, -1.7e308];

/** Arrays in arrays. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

/** JSON that stands where something else is expected. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null]) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...NUMBERS) },
  { weight: 3, arbitrary: oddText },
  { weight: 1, arbitrary: fc.constantFrom(3, 30, 300).map(nested) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 3000).map((n) => Array.from({ length: n }, () => 1)),
  },
  { weight: 1, arbitrary: fc.constantFrom(10, 2000).map(manyKeys) },
  { weight: 1, arbitrary: fc.constant('y'.repeat(100_000)) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

function manyKeys(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]));
}

/** What is no JSON, or only just. */
export const oddJson: fc.Arbitrary<string> = fc.constantFrom(
  '',
  ' ',
  '{',
  '{"instances":[',
  '{"instances":[NaN]}',
  '{"instances":[Infinity]}',
  '{"instances":[1e999]}',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"a":{"__proto__":[]}}',
  '{"id":"fz-c1","id":"fz-c2"}',
  '\ufeff{}',
  '{}{}',
  'null',
  '[]',
  '0',
  '"text"',
  "{'a':1}",
  '{"a":"\\ud800"}',
  '{"a":"\t"}',
  '['.repeat(50),
  '['.repeat(100_000),
  '[{"a":'.repeat(20_000),
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `{"instances":${'['.repeat(3000)}1${']'.repeat(3000)}}`,
);
