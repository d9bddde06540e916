import { type TLiteral, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Fault, LapidaryError } from '../core/errors.js';
import { findTwins } from './encoding/words.js';
import { MOST_PARAMETERS, parametersOf } from './network-size.js';
import {
  type Convolution,
  EncodingStep,
  Feature,
  featuresOf,
  type ImageFeature,
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
 * Reads a spec that can be trained from parsed JSON.
 * @throws LapidaryError `invalid_spec` naming every invalid field
 */
export function parseSpec(value: unknown): TrainableSpec {
  throwFaults(specFaults(value, TrainableSpec));
  return value as TrainableSpec;
}

/** @throws LapidaryError `invalid_spec` naming every invalid field */
export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const detail = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new LapidaryError('invalid_spec', detail, faults);
}

/** Returns all faults of a spec. @param schema that of a spec to train, or to serve */
export function specFaults(value: unknown, schema: typeof Spec | typeof TrainableSpec): Fault[] {
  return Value.Check(schema, value) ? contradictions(value) : shapeFaults(value, schema);
}

/** The schema without features and steps, whose schemas depend on their kinds. */
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

/** Returns the faults of the variant that the tag names; a union would return those of all variants. */
export function variantErrors(
  item: unknown,
  path: string,
  tag: string,
  variants: readonly TSchema[],
): Fault[] {
  const said = (Object(item) as Record<string, unknown>)[tag];
  const tags = variants.map(
    (variant) => (variant as TObject<Record<string, TLiteral>>).properties[tag]!.const,
  );
  const variant = variants[tags.indexOf(said as string)];
  if (variant) return errorsOf(variant, item, path);
  return [
    {
      field: `${path}/${tag}`,
      code: 'invalid_field',
      message: `must be one of ${tags.join(', ')}`,
    },
  ];
}

/** Returns the faults of a value against a schema. @param path put before each field */
export function errorsOf(schema: TSchema, value: unknown, path: string): Fault[] {
  // TypeBox reports an unknown field twice: at the field, as refused by `false`, and at its object.
  const errors = Value.Errors(schema, value).filter(
    ({ keyword }) => keyword !== 'additionalProperties',
  );
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
  return faults.length > 0 ? faults : sizeFaults(spec);
}

function sizeFaults(spec: Spec): Fault[] {
  const parameters = parametersOf(spec);
  if (parameters <= MOST_PARAMETERS) return [];
  const message = `it has ${parameters} weights, at most ${MOST_PARAMETERS} can be trained: fewer members or smaller layers`;
  return [fault('/network', message)];
}

/** Returns contradictions within and between features. */
export function featureContradictions({ features }: Pick<Spec, 'features'>): Fault[] {
  const faults: Fault[] = [];
  features.forEach((feature, i) => {
    faults.push(...unsendable(`/features/${i}/name`, [feature.name]));
    if (features.findIndex(({ name }) => name === feature.name) < i)
      faults.push(fault(`/features/${i}`, `"${feature.name}" is there twice`));
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

/** Returns contradictions between the target and the task, the features and the loss, if there is one. */
export function targetContradictions({
  task,
  features,
  target,
  hyperparameters,
}: Pick<Spec, 'task' | 'features' | 'target' | 'hyperparameters'>): Fault[] {
  const faults: Fault[] = [];
  const say = (field: string, message: string) => faults.push(fault(field, message));
  if (features.some(({ name }) => name === target.name))
    say('/target', 'the target cannot be a feature too');
  const loss = hyperparameters?.loss ?? (task === 'classification' ? 'crossEntropy' : undefined);
  const isCrossEntropy = loss === 'crossEntropy';
  if (task === 'classification') {
    if (!target.classes) say('/target/classes', 'a classification needs classes');
    if (target.transform) say('/target/transform', 'classes cannot be transformed');
    if (!isCrossEntropy) say('/hyperparameters/loss', 'a classification needs crossEntropy');
  } else {
    if (target.classes) say('/target/classes', 'a regression has no classes');
    if (isCrossEntropy) say('/hyperparameters/loss', 'crossEntropy needs a classification');
  }
  faults.push(...unsendable('/target/name', [target.name]));
  faults.push(...unsendable('/target/classes', target.classes ?? []));
  faults.push(...twinFaults('/target/classes', target.classes ?? []));
  for (const name of target.classes?.filter((name) => target.missing?.includes(name)) ?? [])
    say('/target/missing', `"${name}" is a class, so it is not missing`);
  const { blank, classes } = target;
  if (blank !== undefined && classes && target.above === undefined) {
    if (!classes.includes(blank)) say('/target/blank', `"${blank}" is not one of the classes`);
  } else if (blank !== undefined && readNumber(blank, target.decimal) === undefined)
    say('/target/blank', `"${blank}" is not a number`);
  if (target.soft !== undefined && target.above === undefined)
    say('/target/soft', 'it needs "above", the number that separates the classes');
  if (target.above !== undefined && target.classes?.length !== 2)
    say('/target/above', 'it separates two classes, not another number');
  return faults;
}

/** Refuses a name that reaches the prototype of an object; requests with such a key are refused. */
function unsendable(field: string, names: readonly string[]): Fault[] {
  if (!names.includes('__proto__')) return [];
  return [fault(field, '"__proto__" cannot be a key of JSON that is sent or answered: rename it')];
}

/** Refuses two spellings of one word, as the second would never match. */
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
      if (kind === undefined)
        faults.push(fault(`/encoding/${i}`, `no feature is called "${name}"`));
      else if (!KINDS_OF_STEP[step.encode].includes(kind))
        faults.push(fault(`/encoding/${i}`, `${step.encode} cannot encode the ${kind} "${name}"`));
    }
    if (step.encode === 'tiles' && kinds.get(step.along) !== 'datetime')
      faults.push(fault(`/encoding/${i}/along`, 'tiles need a datetime'));
    if (step.encode === 'tiles' && step.by.some((name) => kinds.get(name) !== 'category'))
      faults.push(fault(`/encoding/${i}/by`, 'tiles are by categories'));
    if (step.encode === 'piecewise' && step.knots.some((knot, k) => knot <= step.knots[k - 1]!))
      faults.push(fault(`/encoding/${i}/knots`, 'knots must rise'));
  });
  if (encoding.every(({ encode }) => encode === 'tiles'))
    faults.push(fault('/encoding', 'tiles need at least one other step'));
  return faults;
}

function networkContradictions({ features, encoding, network, hyperparameters }: Spec): Fault[] {
  const faults: Fault[] = [];
  const images = encoding.filter(({ encode }) => encode === 'pixels').length;
  if (network?.convolutions && images !== 1)
    faults.push(fault('/network/convolutions', 'they need pixels of one image'));
  const image = features.find(({ name }) => encoding.some((step) => isPixelsOf(step, name)));
  if (image?.kind === 'image') faults.push(...misfits(network?.convolutions ?? [], image));
  if (hyperparameters?.augmentation && images === 0)
    faults.push(fault('/hyperparameters/augmentation', 'it needs pixels of an image'));
  return faults;
}

function isPixelsOf(step: EncodingStep, name: string): boolean {
  return step.encode === 'pixels' && step.feature === name;
}

/** Returns the first convolution whose input image is too small. */
function misfits(convolutions: readonly Convolution[], { width, height }: ImageFeature): Fault[] {
  let side = Math.min(width, height);
  for (const [i, { kernel, pool = 1 }] of convolutions.entries()) {
    const left = Math.floor((side - kernel + 1) / pool);
    if (left < 1)
      return [
        fault(
          `/network/convolutions/${i}`,
          `it does not fit the remaining image of ${side} pixels`,
        ),
      ];
    side = left;
  }
  return [];
}

function fault(field: string, message: string): Fault {
  return { field, code: 'contradiction', message };
}
