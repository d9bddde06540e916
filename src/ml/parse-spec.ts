import type { TLiteral, TObject, TSchema } from 'typebox';
import * as Type from 'typebox';
import { Check, Errors } from 'typebox/value';
import { type Fault, faultsError, LapidaryError } from '../core/errors.js';
import { findTwins } from './encoding/words.js';
import { MOST_PARAMETERS, parametersOf } from './network-size.js';
import {
  type Convolution,
  EncodingStep,
  Feature,
  featuresOf,
  type ImageFeature,
  ModelName,
  type Spec,
  TrainableSpec,
} from './spec.js';
import { readNumber } from './text/number.js';

const KINDS_OF_STEP: Readonly<Record<EncodingStep['encode'], readonly Feature['kind'][]>> = {
  standard: ['number', 'datetime'],
  log: ['number'],
  piecewise: ['number', 'datetime'],
  oneHot: ['category'],
  embedding: ['category'],
  cyclic: ['datetime'],
  tiles: ['datetime', 'category'],
  missing: ['number', 'category', 'datetime'],
  pixels: ['image'],
};

/**
 * Reads a trainable spec from parsed JSON.
 * @throws LapidaryError `invalid_spec` naming every invalid field
 */
export function parseSpec(value: unknown): TrainableSpec {
  throwFaults(specFaults(value, TrainableSpec));
  return value as TrainableSpec;
}

/** Checks the name of a model or dataset. @throws LapidaryError with the code */
export function requireName(name: string, code: 'invalid_spec' | 'invalid_schema'): void {
  if (Check(ModelName, name)) return;
  const rule = 'use lower-case letters, digits and hyphens, beginning with a letter';
  throw new LapidaryError(code, `"${name}" is not a valid name: ${rule}`);
}

/** Throws faults, if any. @throws LapidaryError `invalid_spec` naming every invalid field */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw faultsError('invalid_spec', faults);
}

/** Finds all faults of a spec. @param schema that of trainable specs, or of specs to serve */
export function specFaults(value: unknown, schema: typeof Spec | typeof TrainableSpec): Fault[] {
  return Check(schema, value) ? contradictions(value) : shapeFaults(value, schema);
}

/** Returns the schema without those of features and steps, which depend on their kind. */
function frameOf(schema: typeof Spec | typeof TrainableSpec) {
  const list = Type.Array(Type.Unknown(), { minItems: 1 });
  return Type.Object(
    { ...schema.properties, features: list, encoding: list },
    { additionalProperties: false },
  );
}

function shapeFaults(value: unknown, schema: typeof Spec | typeof TrainableSpec): Fault[] {
  const faults = errorsOf(frameOf(schema), value, '');
  const { features, encoding } = Object(value) as Record<string, unknown>;
  for (const [list, path, tag, variants] of [
    [features, '/features', 'kind', Feature.anyOf],
    [encoding, '/encoding', 'encode', EncodingStep.anyOf],
  ] as const) {
    if (!Array.isArray(list)) continue;
    list.forEach((item, i) => {
      faults.push(...variantErrors(item, `${path}/${i}`, tag, variants));
    });
  }
  return faults;
}

/** Returns the errors in the variant that the tag names; a union would list those of all variants. */
export function variantErrors(
  item: unknown,
  path: string,
  tag: string,
  variants: readonly TSchema[],
): Fault[] {
  const tags = variants.map(
    (variant) => (variant as TObject<Record<string, TLiteral>>).properties[tag]!.const,
  );
  const variant = variants[tags.indexOf(Object(item)[tag])];
  if (variant) return errorsOf(variant, item, path);
  const message = `must be one of ${tags.join(', ')}`;
  return [{ field: `${path}/${tag}`, code: 'invalid_field', message }];
}

/** Returns the errors of a value in a schema. @param path prefix of each field */
export function errorsOf(schema: TSchema, value: unknown, path: string): Fault[] {
  // An unknown field has two errors: its own, from the schema `false`, and one of the object around it.
  const errors = Errors(schema, value).filter(({ keyword }) => keyword !== 'additionalProperties');
  return errors.map(({ keyword, instancePath, message }) => ({
    field: path + instancePath || '/',
    code: 'invalid_field',
    message: keyword === 'boolean' ? 'unknown field' : message,
  }));
}

function contradictions(spec: Spec): Fault[] {
  const faults = [
    ...featureContradictions(spec),
    ...targetContradictions(spec),
    ...stepContradictions(spec),
    ...networkContradictions(spec),
  ];
  const parameters = faults.length > 0 ? 0 : parametersOf(spec);
  if (parameters <= MOST_PARAMETERS) return faults;
  const message = `it has ${parameters} weights; at most ${MOST_PARAMETERS} can be trained: use fewer members or smaller layers`;
  return [fault('/network', message)];
}

/** Finds contradictions within and between features. */
export function featureContradictions({ features }: Pick<Spec, 'features'>): Fault[] {
  const faults: Fault[] = [];
  features.forEach((feature, i) => {
    faults.push(...unsendable(`/features/${i}/name`, [feature.name]));
    if (features.findIndex(({ name }) => name === feature.name) < i)
      faults.push(fault(`/features/${i}`, `"${feature.name}" is listed twice`));
    if (feature.kind === 'number' && feature.minimum! > feature.maximum!)
      faults.push(fault(`/features/${i}`, 'its minimum is above its maximum'));
    if (feature.kind !== 'category') return;
    faults.push(...twinFaults(`/features/${i}/categories`, feature.categories));
    const { categories, unknown, missing = [] } = feature;
    if (missing.length > 0 && !unknown)
      faults.push(fault(`/features/${i}/missing`, 'words that mean unknown need "unknown": true'));
    for (const word of missing.filter((word) => categories.includes(word)))
      faults.push(fault(`/features/${i}/missing`, `"${word}" is a category, so it is not missing`));
  });
  return faults;
}

/** Finds contradictions between the target and the task, the features and the loss. */
export function targetContradictions({
  task,
  features,
  target,
  hyperparameters,
}: Pick<Spec, 'task' | 'features' | 'target' | 'hyperparameters'>): Fault[] {
  const faults: Fault[] = [];
  const add = (field: string, message: string) => faults.push(fault(field, message));
  if (features.some(({ name }) => name === target.name))
    add('/target', 'the target cannot be a feature too');
  const loss = hyperparameters?.loss ?? (task === 'classification' ? 'crossEntropy' : undefined);
  const isCrossEntropy = loss === 'crossEntropy';
  if (task === 'classification') {
    if (!target.classes) add('/target/classes', 'a classification needs classes');
    if (target.transform) add('/target/transform', 'classes cannot be transformed');
    if (!isCrossEntropy) add('/hyperparameters/loss', 'a classification needs crossEntropy');
  } else {
    if (target.classes) add('/target/classes', 'a regression has no classes');
    if (isCrossEntropy) add('/hyperparameters/loss', 'crossEntropy needs a classification');
  }
  faults.push(...unsendable('/target/name', [target.name]));
  faults.push(...unsendable('/target/classes', target.classes ?? []));
  faults.push(...twinFaults('/target/classes', target.classes ?? []));
  for (const name of target.classes?.filter((name) => target.missing?.includes(name)) ?? [])
    add('/target/missing', `"${name}" is a class, so it is not missing`);
  const { blank, classes } = target;
  if (blank !== undefined && classes && target.above === undefined) {
    if (!classes.includes(blank)) add('/target/blank', `"${blank}" is not one of the classes`);
  } else if (blank !== undefined && readNumber(blank, target.decimal) === undefined)
    add('/target/blank', `"${blank}" is not a number`);
  if (target.soft !== undefined && target.above === undefined)
    add('/target/soft', 'it needs "above", the number around which classes are soft');
  if (target.above !== undefined && target.classes?.length !== 2)
    add('/target/above', 'it needs exactly two classes');
  return faults;
}

/** Refuses a name that reaches the prototype of an object, as requests with such a key are refused. */
function unsendable(field: string, names: readonly string[]): Fault[] {
  if (!names.includes('__proto__')) return [];
  return [fault(field, '"__proto__" cannot be a key of JSON that is sent or answered: rename it')];
}

/** Refuses two spellings of one word, since only the first would be found. */
function twinFaults(field: string, words: readonly string[]): Fault[] {
  const twins = findTwins(words);
  if (!twins) return [];
  const [first, second] = twins.map((word) => `"${word}" (${escaped(word)})`);
  return [fault(field, `${first} and ${second} are one word in two spellings: keep one`)];
}

function escaped(word: string): string {
  return word.replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function stepContradictions({ features, encoding }: Spec): Fault[] {
  const faults: Fault[] = [];
  const kinds = new Map(features.map(({ name, kind }) => [name, kind]));
  encoding.forEach((step, i) => {
    for (const name of featuresOf(step)) {
      const kind = kinds.get(name);
      if (kind === undefined) faults.push(fault(`/encoding/${i}`, `unknown feature "${name}"`));
      else if (!KINDS_OF_STEP[step.encode].includes(kind))
        faults.push(fault(`/encoding/${i}`, `${step.encode} cannot encode the ${kind} "${name}"`));
    }
    if (step.encode === 'tiles' && kinds.get(step.along) !== 'datetime')
      faults.push(fault(`/encoding/${i}/along`, 'tiles must be along a datetime'));
    if (step.encode === 'tiles' && step.by.some((name) => kinds.get(name) !== 'category'))
      faults.push(fault(`/encoding/${i}/by`, 'tiles must be by categories'));
    if (step.encode === 'piecewise' && step.knots.some((knot, k) => knot <= step.knots[k - 1]!))
      faults.push(fault(`/encoding/${i}/knots`, 'knots must be ascending'));
  });
  if (encoding.every(({ encode }) => encode === 'tiles'))
    faults.push(fault('/encoding', 'tiles only add to other steps: at least one must be there'));
  return faults;
}

function networkContradictions({ features, encoding, network, hyperparameters }: Spec): Fault[] {
  const faults: Fault[] = [];
  const images = encoding.filter(({ encode }) => encode === 'pixels').length;
  if (network?.convolutions && images !== 1)
    faults.push(fault('/network/convolutions', 'they need pixels of one image'));
  const image = features.find(({ name }) =>
    encoding.some((step) => step.encode === 'pixels' && step.feature === name),
  );
  if (image?.kind === 'image') faults.push(...misfits(network?.convolutions ?? [], image));
  if (hyperparameters?.augmentation && images === 0)
    faults.push(fault('/hyperparameters/augmentation', 'it needs pixels of an image'));
  return faults;
}

/** Finds the first convolution that is larger than the image at that layer. */
function misfits(convolutions: readonly Convolution[], { width, height }: ImageFeature): Fault[] {
  let side = Math.min(width, height);
  for (const [i, { kernel, pool = 1 }] of convolutions.entries()) {
    const left = Math.floor((side - kernel + 1) / pool);
    if (left < 1)
      return [fault(`/network/convolutions/${i}`, `it needs more than the ${side} pixels left`)];
    side = left;
  }
  return [];
}

function fault(field: string, message: string): Fault {
  return { field, code: 'contradiction', message };
}
