import { LapidaryError } from '../core/errors.js';
import type { Plan } from './plans.js';
import {
  type AccessStore,
  AMOUNTS,
  type Amounts,
  addAmounts,
  type DailyUsage,
  NO_USAGE,
  type UsageStore,
} from './port.js';
import type { ClientUsage } from './schema.js';
import type { AccessService } from './service.js';

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** Reports usage. */
export class UsageService {
  constructor(
    private readonly store: UsageStore,
    private readonly clients: Pick<AccessStore, 'readClient'>,
    private readonly keys: Pick<AccessService, 'plan' | 'client'>,
  ) {}

  /**
   * Returns the usage of a month by client, sorted by id. A requested client is included even without usage.
   * @throws LapidaryError `invalid_request` for an invalid month, `client_not_found`
   */
  async report(month: string, client?: string): Promise<ClientUsage[]> {
    if (!MONTH.test(month))
      throw new LapidaryError('invalid_request', `month must be like 2026-01, not "${month}"`);
    if (client !== undefined) await this.keys.client(client);
    const byClient = new Map<string, DailyUsage[]>(client === undefined ? [] : [[client, []]]);
    for (const day of await this.store.read(month, client))
      byClient.set(day.client, [...(byClient.get(day.client) ?? []), day]);
    const ids = [...byClient.keys()].sort();
    return Promise.all(ids.map((id) => this.reportOf(id, byClient.get(id)!)));
  }

  private async reportOf(client: string, daily: readonly DailyUsage[]): Promise<ClientUsage> {
    const known = await this.clients.readClient(client);
    const plan = await this.keys.plan(known?.plan ?? 'free');
    const totals = totalOf(daily);
    const minutes = plan.trainingMinutesPerMonth;
    return {
      client,
      plan: plan.name,
      totals,
      predictionsLeft: left(plan.predictionsPerMonth, totals.predictions),
      trainingSecondsLeft: left(minutes === null ? null : minutes * 60, totals.trainingSeconds),
      cost: costOf(totals, plan),
      days: daily.map(({ client: _client, ...day }) => day),
    };
  }
}

/** Returns the sum of days. */
export function totalOf(days: readonly Required<Amounts>[]): Required<Amounts> {
  const totals = { ...NO_USAGE };
  for (const day of days) addAmounts(totals, day);
  return totals;
}

/**
 * Returns the cost of a month. The month's predictions and seconds of training are each multiplied by their price,
 * divided once and rounded half up to a millionth.
 */
export function costOf(totals: Required<Amounts>, plan: Plan): ClientUsage['cost'] {
  const of = (amount: number, price: string, per: bigint): bigint =>
    (2n * BigInt(amount) * BigInt(price) + per) / (2n * per);
  const predictions = of(totals.predictions, plan.pricePerThousandPredictions, 1000n);
  const training = of(totals.trainingSeconds, plan.pricePerTrainingMinute, 60n);
  return {
    currency: plan.currency,
    predictions: String(predictions),
    training: String(training),
    total: String(predictions + training),
  };
}

const COLUMNS = ['day', 'client', 'model', ...AMOUNTS] as const;

/** Formats the days of a report as CSV. Ids and model names need no quotes. */
export function usageCsv(report: readonly ClientUsage[]): string {
  const rows = report.flatMap(({ client, days }) =>
    days.map((day) => COLUMNS.map((column) => ({ ...day, client })[column]).join(',')),
  );
  return [COLUMNS.join(','), ...rows, ''].join('\n');
}

function left(limit: number | null, used: number): number | null {
  return limit === null ? null : Math.max(0, limit - used);
}
