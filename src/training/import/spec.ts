import type { Static } from 'typebox';
import * as Type from 'typebox';
import { defined } from '../../core/defined.js';
import { type Fault, LapidaryError } from '../../core/errors.js';
import { takesNull } from '../../ml/encoding/features.js';
import type { FittedEncoding, FittedStep } from '../../ml/encoding/fitted.js';
import { errorsOf, specFaults, throwFaults } from '../../ml/parse-spec.js';
import { type EncodingStep, type Feature, featuresOf, Spec } from '../../ml/spec.js';
import { type Json, listOf } from './json.js';

/** The spec of a model that was trained elsewhere, with the constants of its encoding. */
interface ForeignSpec {
  spec: Spec;
  encoding: FittedEncoding;
  /** The model's inputs in the order of the encoding; default: the model's own order. */
  inputs?: readonly string[];
}

const Range = Type.Tuple([Type.Number(), Type.Number()]);
/** Fields of the spec of an imported model beyond those of a trainable one. */
const Extras = Type.Object({
  inputs: Type.Optional(Type.Array(Type.String(), { minItems: 1, uniqueItems: true })),
  trainingRanges: Type.Optional(Type.Record(Type.String(), Range)),
});
const Scale = Type.Object({
  mean: Type.Number(),
  deviation: Type.Number({ exclusiveMinimum: 0 }),
  fill: Type.Optional(Type.Number()),
});
type Scale = Static<typeof Scale>;
const Fill = Type.Object({ fill: Type.Optional(Type.Number()) });

const OF_INPUT =
  'the mean and deviation of its standardised input (0 and 1 if the model takes the raw value)';
const OF_TARGET = 'those of the standardised target (0 and 1 if the model predicts the raw target)';

/**
 * Parses the spec of a model that was trained elsewhere: its steps include the constants that training would learn
 * from data, and its training part is optional.
 * @param name of the model @param target the column to predict; default: the spec's target
 * @throws LapidaryError `invalid_spec` naming every fault
 */
export function parseForeignSpec(value: unknown, name: string, target?: string): ForeignSpec {
  const { inputs, trainingRanges, ...rest } = Object(value) as Json;
  const [bareTarget, targetScale] = lift(rest.target, ['mean', 'deviation']);
  const steps = listOf(rest.encoding).map((step) => lift(step, liftedOf(step)));
  const bare = {
    ...rest,
    name,
    ...(bareTarget !== undefined && {
      target: target ? { ...bareTarget, name: target } : bareTarget,
    }),
    ...(Array.isArray(rest.encoding) && { encoding: steps.map(([step]) => step) }),
  };
  throwFaults([
    ...specFaults(bare, Spec),
    ...errorsOf(Extras, defined({ inputs, trainingRanges }), ''),
    ...steps.flatMap(([step, numbers], i) => stepFaults(step, numbers, `/encoding/${i}`)),
    ...targetFaults(rest.task, targetScale),
  ]);

  const spec = bare as unknown as Spec;
  const numbers = steps.map(([, lifted]) => lifted as Partial<Scale>);
  const ranges = (trainingRanges ?? {}) as FittedEncoding['ranges'];
  throwFaults([...fillFaults(spec, numbers), ...rangeFaults(spec, ranges)]);
  const encoding = {
    steps: spec.encoding.map((step, i) => fittedStep(step, numbers[i]!)),
    ranges,
    target:
      spec.task === 'regression' ? (targetScale as { mean: number; deviation: number }) : UNSCALED,
  };
  return { spec, encoding, ...(inputs !== undefined && { inputs: inputs as string[] }) };
}

const UNSCALED = { mean: 0, deviation: 1 };

/** Removes fields from an object and returns both; other values are unchanged. */
function lift(value: unknown, fields: readonly string[]): [rest: Json, lifted: Json] {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return [value as Json, {}];
  const entries = Object.entries(value);
  const isLifted = ([key]: [string, unknown]) => fields.includes(key);
  return [
    Object.fromEntries(entries.filter((entry) => !isLifted(entry))),
    Object.fromEntries(entries.filter(isLifted)),
  ];
}

function liftedOf(step: unknown): readonly string[] {
  const { encode } = Object(step) as Json;
  if (encode === 'standard' || encode === 'log') return ['mean', 'deviation', 'fill'];
  return encode === 'piecewise' ? ['fill'] : [];
}

function stepFaults(step: Json, numbers: Json, path: string): Fault[] {
  const fields = liftedOf(step);
  if (fields.length < 3) return fields.length > 0 ? errorsOf(Fill, numbers, path) : [];
  return lackedFaults(numbers, path, OF_INPUT) ?? errorsOf(Scale, numbers, path);
}

function targetFaults(task: unknown, scale: Json): Fault[] {
  if (task === 'regression')
    return lackedFaults(scale, '/target', OF_TARGET) ?? errorsOf(Scale, scale, '/target');
  return Object.keys(scale).length === 0
    ? []
    : [fault('/target', 'classes have no mean and deviation')];
}

function lackedFaults(numbers: Json, path: string, meaning: string): Fault[] | undefined {
  const lacking = ['mean', 'deviation'].filter((key) => numbers[key] === undefined);
  if (lacking.length === 0) return undefined;
  return [fault(path, `an imported model needs its ${lacking.join(' and ')}: ${meaning}`)];
}

/** Checks that steps have a fill exactly where a value may be missing. */
function fillFaults({ features, encoding }: Spec, numbers: readonly Partial<Scale>[]): Fault[] {
  const mayLack = (step: EncodingStep) =>
    liftedOf(step).length > 0 &&
    featuresOf(step).some((name) =>
      isOpen(features.find((feature) => feature.name === name)!, step.encode),
    );
  return encoding.flatMap((step, i) =>
    mayLack(step) && numbers[i]!.fill === undefined
      ? [
          fault(
            `/encoding/${i}`,
            `an imported model needs its fill: the value, before standardisation, to use if ${step.encode === 'log' ? 'there is no logarithm' : 'the value is missing'}`,
          ),
        ]
      : [],
  );
}

function isOpen(feature: Feature, encode: EncodingStep['encode']): boolean {
  if (feature.kind === 'datetime') return takesNull(feature);
  if (feature.kind !== 'number') return false;
  return feature.missing !== undefined || (encode === 'log' && !(feature.minimum! > 0));
}

function rangeFaults({ features }: Spec, ranges: FittedEncoding['ranges']): Fault[] {
  return Object.entries(ranges).flatMap(([name, [low, high]]) => {
    const feature = features.find((each) => each.name === name);
    if (feature?.kind !== 'number')
      return [fault(`/trainingRanges/${name}`, 'it is not a number feature')];
    return low > high ? [fault(`/trainingRanges/${name}`, 'it ends before it begins')] : [];
  });
}

/** Converts a step; without a clip nothing is clipped, as in the original training. */
function fittedStep(step: EncodingStep, { mean, deviation, fill }: Partial<Scale>): FittedStep {
  switch (step.encode) {
    case 'standard':
    case 'log': {
      const clip = step.clip ?? Number.MAX_VALUE;
      return { ...step, mean: mean!, deviation: deviation!, clip, fill: fill ?? mean! };
    }
    case 'piecewise':
      return { ...step, fill: fill ?? step.knots[0]! };
    case 'tiles':
      throw new LapidaryError('invalid_spec', 'encoding: tiles require training with Lapidary');
    default:
      return step;
  }
}

function fault(field: string, message: string): Fault {
  return { field, code: 'invalid_field', message };
}
