import type { ColumnProfile } from './profiler.js';

/** Matches the label of a row of totals. */
const TOTAL =
  /^((grand |sub-?|over)?(total|all)s?|sum|average|mean|gesamt(summe)?|summe|mittelwert|somme|moyenne|suma|media)\b:?$/i;

/** Remarks on rows that are probably not data: units below the header, a total at the end. */
export function remarksOnStrayRows(columns: readonly ColumnProfile[]): string[] {
  return [...remarkOnUnits(columns), ...remarkOnRuler(columns), ...remarkOnTotal(columns)];
}

/** Matches a field of the line below the header of a Markdown table. */
const RULER = /^:?-{2,}:?$/;

function remarkOnRuler(columns: readonly ColumnProfile[]): string[] {
  const first = columns.map(({ sample }) => sample[0] ?? '').filter((text) => text !== '');
  if (first.length === 0 || !first.every((text) => RULER.test(text))) return [];
  return [`the first row (${first.join(' ')}) is the ruler of a Markdown table: remove it`];
}

/** Remarks on a first row without a number or date in any column of those. */
function remarkOnUnits(columns: readonly ColumnProfile[]): string[] {
  const measured = columns.filter(({ reading }) => reading.kind !== 'category');
  const words = measured.map(({ sample, odd }) => odd.get(sample[0] ?? '') && sample[0]!);
  if (measured.length < 2 || words.some((word) => word === undefined)) return [];
  const [line] = measured[0]!.odd.get(words[0]!)!.lines;
  const shown = words.slice(0, 3).map((word) => JSON.stringify(word));
  return [
    `line ${line} has a word in each column of numbers (${shown.join(', ')}): remove it if it has units or titles`,
  ];
}

function remarkOnTotal(columns: readonly ColumnProfile[]): string[] {
  const total = columns.find(({ last, values, odd }) => {
    const count = odd.get(last.text)?.count ?? values?.get(last.text) ?? 0;
    return count === 1 && TOTAL.test(last.text);
  });
  if (!total) return [];
  const { text, line } = total.last;
  return [`line ${line}, the last one, has "${text}": remove it if it adds up the others`];
}
