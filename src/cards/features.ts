import { describeRange, takesNull } from '../ml/encoding/features.js';
import type { FittedEncoding } from '../ml/encoding/fitted.js';
import type { Feature, NumberFeature, Spec } from '../ml/spec.js';
import { code, markdownTable, plain } from './markdown.js';

/** Maximum number of categories to list. */
const MOST_CATEGORIES = 12;

/** Writes a table of the features of a spec: kind, unit, allowed values, and values in training. */
export function featureTable(spec: Spec, { ranges }: FittedEncoding): string {
  const rows = spec.features.map((feature) => [
    code(feature.name),
    feature.kind,
    unitOf(feature),
    taken(feature),
    seen(feature, ranges[feature.name]),
    plain(feature.description ?? ''),
  ]);
  // Empty columns are left out.
  const table = [['feature', 'kind', 'unit', 'taken', 'in training', 'meaning'], ...rows];
  const kept = table[0]!.map((_, column) => rows.some((row) => row[column] !== ''));
  return markdownTable(table.map((row) => row.filter((_, column) => kept[column])));
}

function unitOf(feature: Feature): string {
  return feature.kind === 'number' ? plain(feature.unit ?? '') : '';
}

function taken(feature: Feature): string {
  switch (feature.kind) {
    case 'number':
      return [describeRange(feature) ?? 'any', missing(feature)].filter(Boolean).join('; ');
    case 'category':
      return categories(feature.categories) + (feature.unknown ? '; others count as unknown' : '');
    case 'datetime':
      return `ISO 8601${ORDERS[feature.order ?? 'ymd']}, UTC where no offset is given${takesNull(feature) ? '; null where unknown' : ''}`;
    case 'image':
      return `${feature.width} × ${feature.height} grey values from 0 to 255`;
  }
}

/** Further formats of dates that are accepted. */
const ORDERS = { dmy: ' or day/month/year', mdy: ' or month/day/year', ymd: '' } as const;

function missing({ missing: values }: NumberFeature): string {
  return values ? `${[...values, 'null'].join(' or ')} where unknown` : '';
}

function categories(names: readonly string[]): string {
  const shown = names.slice(0, names.length > MOST_CATEGORIES ? MOST_CATEGORIES - 2 : undefined);
  const more = names.length - shown.length;
  return shown.map(code).join(' ') + (more > 0 ? ` and ${more} more` : '');
}

function seen({ kind }: Feature, range: readonly [number, number] | undefined): string {
  if (!range) return '';
  const write = (value: number) =>
    kind === 'datetime' ? new Date(value).toISOString().slice(0, 10) : String(value);
  return `${write(range[0])} to ${write(range[1])}`;
}
