import { expect, it } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import { costOf } from '../../src/access/usage.js';

const [free] = BUILT_IN_PLANS;
const cost = (predictions: number, per1000: string, seconds = 0, perMinute = '0') =>
  costOf(
    { requests: 0, predictions, storedBytes: 0, trainingSeconds: seconds },
    { ...free!, pricePerThousandPredictions: per1000, pricePerTrainingMinute: perMinute },
  );

it.each([
  [0, '250000', '0'],
  [1000, '250000', '250000'],
  [1, '250000', '250'],
  // Halves go up, less goes down: rounded once, never for each prediction.
  [1, '499', '0'],
  [1, '500', '1'],
  [3, '500', '2'],
  [1_000_000, '1', '1000'],
  [Number.MAX_SAFE_INTEGER, '999999999999999999', '9007199254740990990992800745259'],
])('%d predictions at %s a thousand cost %s', (predictions, price, expected) => {
  expect(cost(predictions, price).predictions).toBe(expected);
});

it('adds what training costs, by the second', () => {
  expect(cost(1000, '10', 90, '50000')).toEqual({
    currency: 'USD',
    predictions: '10',
    training: '75000',
    total: '75010',
  });
});
