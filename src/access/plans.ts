import type { Static } from 'typebox';
import * as Type from 'typebox';

const MICRO_UNITS =
  'In millionths of the currency, as a whole number in a string: "250000" is 0.25.';
const unlimited = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()], {
    description: `${description} null: unlimited.`,
  });
const price = (description: string) =>
  Type.String({ pattern: '^(0|[1-9][0-9]{0,17})$', description: `${description} ${MICRO_UNITS}` });

/** The limits and prices of a plan. */
export const PlanTerms = Type.Object(
  {
    requestsPerSecond: Type.Union(
      [Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 }), Type.Null()],
      { description: 'Average rate of a key. null: unlimited.' },
    ),
    burst: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Requests of a key that are accepted at once.',
    }),
    predictionsPerMonth: unlimited('Predictions of a client in a calendar month, UTC.'),
    maxInstances: unlimited('Instances in one request.'),
    maxDatasetBytes: unlimited(
      'Bytes of a dataset with all its batches; also of an upload and of the rows of a batch prediction.',
    ),
    maxStoredBytes: Type.Optional(
      unlimited(
        'Stored bytes of a client: datasets, uploads, batch predictions and models. Ten times maxDatasetBytes by default.',
      ),
    ),
    trainingMinutesPerMonth: unlimited('Minutes of training of a client in a calendar month, UTC.'),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.' }),
    pricePerThousandPredictions: price('Price of 1,000 predictions.'),
    pricePerTrainingMinute: price('Price of a minute of training.'),
  },
  { additionalProperties: false },
);
export type PlanTerms = Static<typeof PlanTerms>;

export interface Plan extends PlanTerms {
  name: string;
}

const FREE_OF_CHARGE = {
  currency: 'USD',
  pricePerThousandPredictions: '0',
  pricePerTrainingMinute: '0',
};

/** The built-in plans; the operator can add others. */
export const BUILT_IN_PLANS: readonly Plan[] = [
  {
    name: 'free',
    requestsPerSecond: 5,
    burst: 20,
    predictionsPerMonth: 10_000,
    maxInstances: 100,
    maxDatasetBytes: 10 * 2 ** 20,
    maxStoredBytes: 50 * 2 ** 20,
    trainingMinutesPerMonth: 10,
    ...FREE_OF_CHARGE,
  },
  {
    name: 'standard',
    requestsPerSecond: 100,
    burst: 200,
    predictionsPerMonth: 10_000_000,
    maxInstances: 10_000,
    maxDatasetBytes: 2 ** 30,
    maxStoredBytes: 50 * 2 ** 30,
    trainingMinutesPerMonth: 600,
    currency: 'USD',
    pricePerThousandPredictions: '100000',
    pricePerTrainingMinute: '50000',
  },
  {
    name: 'unlimited',
    requestsPerSecond: null,
    burst: 1,
    predictionsPerMonth: null,
    maxInstances: null,
    maxDatasetBytes: null,
    maxStoredBytes: null,
    trainingMinutesPerMonth: null,
    ...FREE_OF_CHARGE,
  },
];

/** Datasets of stored bytes that plans without `maxStoredBytes` allow. */
const DATASETS = 10;

/** Returns the bytes that a client may store; null is unlimited. */
export function storedBytesOf({ maxStoredBytes, maxDatasetBytes }: PlanTerms): number | null {
  if (maxStoredBytes !== undefined) return maxStoredBytes;
  return maxDatasetBytes === null ? null : DATASETS * maxDatasetBytes;
}

export function builtInPlan(name: string): Plan | undefined {
  return BUILT_IN_PLANS.find((plan) => plan.name === name);
}
