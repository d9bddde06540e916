import { describe, expect, it } from '@jest/globals';
import { isMissingMark, isMissingWord } from '../../../src/ml/text/missing.js';

describe('a word for a value that is not known', () => {
  it.each(
    [
      ['', '  ', 'NA', 'na', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', 'Null', '<NA>', '#N/A'],
      ['#N/A N/A', '#NA', 'NaT', '-nan', '\\N', '#DIV/0!', '#VALUE!', '#REF!', '(null)', ' NA '],
    ].flat(),
  )('%j means so in any column', (word) => {
    expect(isMissingWord(word)).toBe(true);
  });

  it.each(['none', 'None', '-', '--', '–', '?', '.', '…', 'n.a.', 'unknown', 'not available'])(
    '%j means so only among numbers and dates',
    (word) => {
      expect([isMissingWord(word), isMissingMark(word)]).toEqual([false, true]);
    },
  );

  it.each(['0', 'no', 'Na', 'Nan', 'nada', 'nullable', 'A', '+', 'x', '#1'])(
    '%j is a value',
    (word) => {
      expect([isMissingWord(word), isMissingMark(word)]).toEqual([false, false]);
    },
  );
});
