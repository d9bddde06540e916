import { describe, expect, it } from '@jest/globals';
import { fencesOf } from './fences.js';
import { stepsOf } from './script.js';
import { differenceOf } from './shape.js';

describe('the shape of an output', () => {
  it.each([
    ['numbers', 'trained in 64 s, loss 1.5e-3', 'trained in 7 s,   loss 0.0016'],
    ['ids', 'version e6f9da8773a13904', 'version aaaaaaaaaaaaaaaa'],
    ['lines left out', 'a\n...\nd', 'a\nb\nc\nd'],
    ['no lines left out', 'a\n...\nd', 'a\nd'],
    ['words left out', 'a ... (d)', 'a b c (d)'],
    [
      'values of JSON',
      '{"a":1,"b":["01a1fd0a-eb2a-74ec-a713-82f196fd64ce"]}',
      '{"b":["01a1fd0a-eb2a-74ec-a713-82f196fd64cf"],"a":-2.5}',
    ],
  ])('allows other %s', (_what, shown, written) => {
    expect(differenceOf(shown, written)).toBeUndefined();
  });

  it.each([
    ['another word', 'trained in 64 s', 'failed in 64 s'],
    ['a line more', 'a\nb', 'a\nb\nc'],
    ['a line less', 'a\nb', 'a'],
    ['a field more', '{"a":1}', '{"a":1,"b":2}'],
    ['another type', '{"a":1}', '{"a":"1"}'],
    ['another text', '{"a":["x"]}', '{"a":["y"]}'],
    ['no JSON', '{"a":1}', 'not found'],
  ])('refuses %s', (_what, shown, written) => {
    expect(differenceOf(shown, written)).toEqual(expect.any(String));
  });
});

describe('the fences of a page', () => {
  const page = [
    '<!-- run -->',
    '```sh',
    'curl http://127.0.0.1:8080/',
    '```',
    '<!-- run -->',
    '```json',
    '{}',
    '```',
    '<!-- slow -->',
    '```console',
    '$ one \\',
    '    two',
    'shown',
    '$ three',
    '```',
    '<!-- not run: it needs an account -->',
    '```sh',
    'aws',
    '```',
    '<!-- perhaps -->',
    '```',
    '```',
    '',
  ].join('\n');
  const fences = fencesOf('page.md', page);

  it('are read with what is said of them', () => {
    expect(fences.map(({ line, language, mark }) => [line, language, mark])).toEqual([
      [2, 'sh', { when: 'run' }],
      [6, 'json', { when: 'run' }],
      [10, 'console', { when: 'slow' }],
      [17, 'sh', { when: 'not run', reason: 'it needs an account' }],
      [21, '', undefined],
    ]);
  });

  it('are run in their order, after a server where one is asked', () => {
    expect(stepsOf(fences, true).map(({ text, shown }) => [text, shown])).toEqual([
      ['node dist/main.js serve\n', undefined],
      ['curl http://127.0.0.1:8080/\n', '{}\n'],
      ['one \\\n    two\n', 'shown\n'],
      ['three\n', undefined],
    ]);
    expect(stepsOf(fences, false)).toHaveLength(2);
  });
});
