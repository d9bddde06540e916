import { canonicalJson } from '../core/checksum.js';
import { defined } from '../core/defined.js';
import type { Comparison } from './schema.js';
import type { VersionRecord } from './version.js';

/** Compares two versions. */
export function compareVersions(a: VersionRecord, b: VersionRecord): Comparison {
  const [dataOfA, dataOfB] = [a.card.data, b.card.data];
  return {
    metrics: compareMetrics(metricsOf(a), metricsOf(b)),
    ...(dataOfA && dataOfB && { sameData: isSame(dataKey(dataOfA), dataKey(dataOfB)) }),
    spec: differences(a.spec, b.spec),
  };
}

const metricsOf = ({ card }: VersionRecord): Record<string, number> =>
  (card.metrics?.test ?? {}) as Record<string, number>;

/** Returns the fields that determine the test rows. */
const dataKey = ({ checksum, split, testRows }: NonNullable<VersionRecord['card']['data']>) => ({
  checksum,
  split,
  testRows,
});

function compareMetrics(
  a: Record<string, number>,
  b: Record<string, number>,
): Comparison['metrics'] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    names.map((name) => {
      const [first, second] = [a, b].map((metrics) =>
        Object.hasOwn(metrics, name) ? metrics[name] : undefined,
      );
      const both = first !== undefined && second !== undefined;
      return [
        name,
        defined({ a: first, b: second, difference: both ? second - first : undefined }),
      ];
    }),
  );
}

function differences(a: unknown, b: unknown, path: readonly string[] = []): Comparison['spec'] {
  if (isSame(a, b)) return [];
  const [partsOfA, partsOfB] = [partsOf(a), partsOf(b)];
  if (!partsOfA || !partsOfB) {
    return [{ path: path.join('.'), ...defined({ a, b }) }];
  }
  const names = [...new Set([...partsOfA.keys(), ...partsOfB.keys()])];
  return names.flatMap((name) =>
    differences(partsOfA.get(name), partsOfB.get(name), [...path, name]),
  );
}

/** Returns the named parts of an object, or of a list whose items all have names; undefined for a single value. */
function partsOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const names = value.map((part: unknown) => (Object(part) as { name?: unknown }).name);
  if (names.length === 0 || !names.every((name) => typeof name === 'string')) return undefined;
  return new Map(names.map((name, i) => [name as string, value[i]]));
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
