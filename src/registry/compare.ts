import { canonicalJson } from '../core/checksum.js';
import type { VersionRecord } from './version.js';

/** A metric of two versions; one of them may lack it. */
export interface ComparedMetric {
  a?: number;
  b?: number;
  /** b less a. */
  difference?: number;
}

/** A difference of two specs. A missing value is omitted. */
export interface SpecDifference {
  /** Such as `hyperparameters.epochs`, or `features.carat.maximum`. */
  path: string;
  a?: unknown;
  b?: unknown;
}

export interface Comparison {
  metrics: Record<string, ComparedMetric>;
  /** Whether both were measured on the same rows; undefined when unknown. */
  sameData?: boolean;
  spec: SpecDifference[];
}

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
): Record<string, ComparedMetric> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    names.map((name) => {
      const [first, second] = [a, b].map((metrics) =>
        Object.hasOwn(metrics, name) ? metrics[name] : undefined,
      );
      const difference =
        first !== undefined && second !== undefined ? { difference: second - first } : {};
      return [name, { ...present('a', first), ...present('b', second), ...difference }];
    }),
  );
}

function differences(a: unknown, b: unknown, path: readonly string[] = []): SpecDifference[] {
  if (isSame(a, b)) return [];
  const [partsOfA, partsOfB] = [partsOf(a), partsOf(b)];
  if (!partsOfA || !partsOfB) {
    return [{ path: path.join('.'), ...present('a', a), ...present('b', b) }];
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

function present<Name extends string>(name: Name, value: unknown): Record<Name, never> | object {
  return value === undefined ? {} : { [name]: value };
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
