import { ASKED_SHARE } from '../../rows/left-out.js';
import type { ColumnProfile } from './profiler.js';
import { MOSTLY } from './survey.js';
import { flag } from './wording.js';

/** Maximum number of words that may be named at a time; more are text. */
const MOST_WORDS = 5;

/**
 * Returns questions about words but for which a column would be numbers, or dates: as categories, most of its rows would
 * be left out or count as unknown.
 */
export function questionsOnMixture({ name, sample, gaps, reading, reader }: ColumnProfile) {
  if (reading.isKindGiven || (reading.values?.length ?? 0) > 0) return [];
  const texts = sample.filter((_, i) => !gaps[i]);
  const numbers = texts.filter((text) => !Number.isNaN(reader.number(text))).length;
  const dates = texts.filter((text) => !Number.isNaN(reader.moment(text))).length;
  const isFit =
    numbers >= dates ? (text: string) => reader.number(text) : reader.moment.bind(reader);
  const words = new Map<string, number>();
  for (const text of texts)
    if (Number.isNaN(isFit(text))) words.set(text, (words.get(text) ?? 0) + 1);
  const asked = [...words].filter(([, count]) => count > ASKED_SHARE * texts.length);
  const others = texts.length - asked.reduce((sum, [, count]) => sum + count, 0);
  const isMixture = Math.max(numbers, dates) >= MOSTLY * others && others > 0;
  if (!isMixture || asked.length > MOST_WORDS) return [];
  const kind = numbers >= dates ? 'numbers' : 'dates';
  return asked.map(([word, count]) => {
    const where = `${count} of ${texts.length} values among ${kind}`;
    const [gap, value] = [flag('missing', name, word), flag('value', name, word)];
    return `${name}: ${JSON.stringify(word)} is ${where}: ${gap} makes it a gap, ${value} takes the column as categories`;
  });
}
