import type { AccessServices } from '../../src/access/open.js';
import type { Workspace } from '../../src/compose/workspace.js';
import { sha256 } from '../../src/core/checksum.js';
import { OPERATOR } from '../../src/core/operator.js';
import { type Answer, type FuzzRequest, jsonOf } from './exchange.js';

const PREDICTS = /^\/models\/([^/?]+)\/predictions(\?|$)/;
const MOST_JOBS = 10_000;
/** What is taken for an idempotency key; with another one each answer is counted. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** What clients were answered, to be held against what was metered. */
export class Ledger {
  private readonly predictions = new Map<string, number>();
  private readonly seen = new Set<string>();

  note(client: string | undefined, request: FuzzRequest, answer: Answer): void {
    const [, model] = PREDICTS.exec(request.path) ?? [];
    if (client === undefined || model === undefined) return;
    if (request.method !== 'POST' || answer.status !== 200) return;
    const given = request.headers['idempotency-key'] ?? '';
    if (IDEMPOTENCY_KEY.test(given)) {
      const id = [client, given, model, digestOf(request)].join('\n');
      if (this.seen.has(id)) return;
      this.seen.add(id);
    }
    const { predictions } = jsonOf(answer) as { predictions: unknown[] };
    this.add(client, predictions.length);
  }

  private add(client: string, predictions: number): void {
    this.predictions.set(client, (this.predictions.get(client) ?? 0) + predictions);
  }

  /** Batches are answered by jobs, which are metered by themselves; those of the operator are not. */
  async noteBatches(workspaces: readonly Workspace[]): Promise<void> {
    for (const { client, jobs } of workspaces.filter((each) => each.client !== OPERATOR)) {
      const filter = { kind: 'batch-prediction', state: 'succeeded' } as const;
      const { items, next } = await (await jobs()).list(filter, { limit: MOST_JOBS });
      if (next !== undefined) throw new Error(`${client} has more than ${MOST_JOBS} jobs`);
      for (const { result } of items) this.add(client, (result as { rows: number }).rows);
    }
  }

  /** Where what was metered this month is not what was answered. */
  async differences({ usage }: AccessServices, months: readonly string[]): Promise<string[]> {
    const metered = new Map<string, number>();
    for (const month of new Set(months))
      for (const { client, totals } of await usage.report(month))
        metered.set(client, (metered.get(client) ?? 0) + totals.predictions);
    const clients = new Set([...metered.keys(), ...this.predictions.keys()]);
    return [...clients].flatMap((client) => {
      const [answered, counted] = [this.predictions.get(client) ?? 0, metered.get(client) ?? 0];
      return answered === counted
        ? []
        : [`${client} was answered ${answered} predictions, and ${counted} were metered`];
    });
  }
}

/** What is asked, however its JSON was written. */
function digestOf({ headers, body }: FuzzRequest): string {
  const isJson = /^application\/json/i.test(headers['content-type'] ?? '');
  const text = Buffer.from(body ?? []);
  return sha256(isJson ? JSON.stringify(JSON.parse(text.toString())) : text);
}
