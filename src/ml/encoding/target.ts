import type { Fault } from '../../core/errors.js';
import { mayLackTarget, type RowSpec } from '../spec.js';
import { trimmed } from '../text/characters.js';
import { isMissingWord } from '../text/missing.js';
import { type DecimalMark, numberText, sentinelsOf } from '../text/number.js';
import { shortened } from './features.js';
import { WordIndex } from './words.js';

/** Reads a target as a number; returns null for a row to leave out, or the fault. */
export type ReadTarget = (value: unknown) => number | null | Omit<Fault, 'instance' | 'field'>;

/** Returns whether targets in the data are numbers, to predict or to decide between two classes. */
export function isNumeric({ task, target }: Pick<RowSpec, 'task' | 'target'>): boolean {
  return task === 'regression' || target.above !== undefined;
}

/**
 * Creates a reader that checks and reads targets: of JSON, and texts of CSV.
 * @param decimal the decimal mark of ambiguous texts; default: the target's
 */
export function targetReader(spec: RowSpec, decimal?: DecimalMark): ReadTarget {
  const read = isNumeric(spec) ? numericTarget(spec, decimal) : classTarget(spec);
  const isOptional = mayLackTarget(spec);
  const { blank } = spec.target;
  return (value) => {
    const target = read(blank !== undefined && isBlank(value) ? blank : value);
    if (target !== null || isOptional) return target;
    const remedy = isNumeric(spec) ? '' : '; "blank" of the target names the class of such rows';
    return fault(`is missing${isBlank(value) ? remedy : ''}`);
  };
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || trimmed(String(value)) === '';
}

function numericTarget({ target }: RowSpec, decimal = target.decimal): ReadTarget {
  const readText = numberText({ ...target, decimal });
  const sentinels = sentinelsOf(target.missing);
  return (given) => {
    const value = typeof given === 'string' ? readText(given) : (given ?? null);
    if (value === null || sentinels.includes(value as number)) return null;
    if (typeof value !== 'number') return fault(`must be a number, not ${shown(given)}`);
    if (target.transform === 'log' && value <= 0)
      return fault(`must be above 0 to have a logarithm, not ${value}`);
    return value;
  };
}

function classTarget({ target: { classes = [], missing = [] } }: RowSpec): ReadTarget {
  const names = new WordIndex(classes);
  const words = missing.map(String);
  return (value) => {
    const index = names.find(value);
    if (index !== undefined) return index;
    if (value === null || value === undefined || words.includes(trimmed(String(value))))
      return null;
    if (typeof value === 'string' && isMissingWord(value)) return null;
    return fault(`${shown(value)} is not one of its classes`);
  };
}

function fault(message: string) {
  return { code: 'invalid_target', message };
}

function shown(value: unknown): string {
  return shortened(String(JSON.stringify(value)));
}
