import type { Static } from 'typebox';
import * as Type from 'typebox';
import { type Fault, faultsError } from '../core/errors.js';
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

/** The schema of a dataset's rows: the part of a spec that data must match. */
export const DatasetDefinition = Type.Object(
  {
    description: Type.Optional(Type.String()),
    features: Type.Array(Feature, { minItems: 1 }),
    target: Target,
    csv: Type.Optional(
      Type.Object(Reading.properties, {
        additionalProperties: false,
        description: 'The known format of its CSV; the rest is inferred.',
      }),
    ),
    maximumBadShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: "Largest share of a batch's rows that may be bad; default: the server's.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type DatasetDefinition = Static<typeof DatasetDefinition>;

/** The schema without those of features, which depend on their kind. */
const Frame = Type.Object(
  { ...DatasetDefinition.properties, features: Type.Array(Type.Unknown(), { minItems: 1 }) },
  { additionalProperties: false },
);

/**
 * Reads a definition from parsed JSON.
 * @throws LapidaryError `invalid_schema` naming every invalid field
 */
export function parseDefinition(value: unknown): DatasetDefinition {
  const shape = shapeFaults(value);
  const faults = shape.length > 0 ? shape : contradictions(value as DatasetDefinition);
  if (faults.length === 0) return value as DatasetDefinition;
  throw faultsError('invalid_schema', faults);
}

/** Returns the spec that rows are read by: a target with classes is classified, another is a number. */
export function rowSpecOf({ features, target }: DatasetDefinition): RowSpec {
  return { task: target.classes ? 'classification' : 'regression', features, target };
}

/** Returns the columns of a dataset: its features, then its target. */
export function columnsOf({ features, target }: DatasetDefinition): string[] {
  return [...features.map(({ name }) => name), target.name];
}

/**
 * Returns a reader of each column of numbers, since merged batches have one decimal mark and no units.
 * @param decimals returns the decimal mark of a column; default: the declared one
 */
export function plainNumbers(
  definition: DatasetDefinition,
  decimals: (name: string, declared?: DecimalMark) => DecimalMark | undefined = (_, mark) => mark,
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
      ? [
          {
            field: `/features/${i}`,
            code: 'contradiction',
            message: 'a dataset cannot have images',
          },
        ]
      : [],
  );
  return [
    ...images,
    ...featureContradictions(definition),
    ...targetContradictions(rowSpecOf(definition)),
  ];
}
