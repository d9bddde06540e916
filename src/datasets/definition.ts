import { type Static, Type } from 'typebox';
import { type Fault, LapidaryError } from '../core/errors.js';
import { isNumeric } from '../ml/encoding/target.js';
import {
  errorsOf,
  featureContradictions,
  targetContradictions,
  variantErrors,
} from '../ml/parse-spec.js';
import { Feature, type RowSpec, Target } from '../ml/spec.js';
import { type DecimalMark, numberText } from '../ml/text/number.js';
import { Reading } from '../rows/text/reading.js';

/** What the rows of a dataset are: the part of a spec that data has to fit. */
export const DatasetDefinition = Type.Object(
  {
    description: Type.Optional(Type.String()),
    features: Type.Array(Feature, { minItems: 1 }),
    target: Target,
    csv: Type.Optional(
      Type.Object(Reading.properties, {
        additionalProperties: false,
        description: 'How its CSV is written, where that need not be found out.',
      }),
    ),
    maximumBadShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: "Largest share of a batch's rows that may be bad; the server's when left out.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type DatasetDefinition = Static<typeof DatasetDefinition>;

/** Features apart: their schemas depend on what each says that it is. */
const Frame = Type.Object(
  { ...DatasetDefinition.properties, features: Type.Array(Type.Unknown(), { minItems: 1 }) },
  { additionalProperties: false },
);

/**
 * Reads a definition from parsed JSON.
 * @throws LapidaryError `invalid_schema` naming every field at fault
 */
export function parseDefinition(value: unknown): DatasetDefinition {
  const shape = shapeFaults(value);
  const faults = shape.length > 0 ? shape : contradictions(value as DatasetDefinition);
  if (faults.length === 0) return value as DatasetDefinition;
  const detail = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new LapidaryError('invalid_schema', detail, faults);
}

/** What rows are read by. A target with classes is one of them; else it is a number. */
export function rowSpecOf({ features, target }: DatasetDefinition): RowSpec {
  return { task: target.classes ? 'classification' : 'regression', features, target };
}

/** The columns of a dataset: its features, then its target. */
export function columnsOf({ features, target }: DatasetDefinition): string[] {
  return [...features.map(({ name }) => name), target.name];
}

/**
 * Readers of the columns that hold numbers: all batches together are written with one decimal mark, and without
 * units.
 * @param decimals the decimal mark of each column, where it is not the one that the definition names
 */
export function plainNumbers(
  definition: DatasetDefinition,
  decimals: (name: string, said?: DecimalMark) => DecimalMark | undefined = (_name, said) => said,
): ReadonlyMap<string, ReturnType<typeof numberText>> {
  const { features, target } = definition;
  const numbers = features.filter((feature) => feature.kind === 'number');
  const all = isNumeric(rowSpecOf(definition)) ? [...numbers, target] : numbers;
  return new Map(
    all.map((column) => {
      const decimal = decimals(column.name, column.decimal);
      return [column.name, numberText({ ...column, decimal })];
    }),
  );
}

function shapeFaults(value: unknown): Fault[] {
  const faults = errorsOf(Frame, value, '');
  const { features } = Object(value) as { features?: unknown };
  if (!Array.isArray(features)) return faults;
  return [
    ...faults,
    ...features.flatMap((feature, i) =>
      variantErrors(feature, `/features/${i}`, 'kind', Feature.anyOf),
    ),
  ];
}

function contradictions(definition: DatasetDefinition): Fault[] {
  const images = definition.features.flatMap(({ kind }, i) =>
    kind === 'image'
      ? [{ field: `/features/${i}`, code: 'contradiction', message: 'a dataset holds no images' }]
      : [],
  );
  return [
    ...images,
    ...featureContradictions(definition),
    ...targetContradictions(rowSpecOf(definition)),
  ];
}
