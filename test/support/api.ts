import { expect } from '@jest/globals';
import type { Batch } from '../../src/datasets/port.js';
import type { Job as StoredJob } from '../../src/jobs/port.js';
import type { Lineage } from '../../src/registry/index.js';
import type { TrainingOrder, TrainingResult } from '../../src/training/order.js';

export interface TrainingJob extends StoredJob {
  order: TrainingOrder;
  result: TrainingResult;
}

export interface Shown {
  version: string;
  card: { metrics: { test: { mae: number } }; lineage: Lineage };
}

export const pause = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Client of the API of a running server.
 * @param url may change when the server restarts
 * @param own headers of all requests
 */
export function apiAt(url: () => string, own: Record<string, string> = {}) {
  const send = async <Body>(method: string, path: string, body?: object | string) => {
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const answer = await fetch(url() + path, {
      method,
      headers: { ...own, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && {
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    const text = await answer.text();
    const { status, headers } = answer;
    return { status, headers, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  };
  /** Requests a refresh. */
  const get = async <Body>(path: string): Promise<Body> => {
    const answer = await fetch(url() + path, { headers: { ...own, 'cache-control': 'no-cache' } });
    return (await answer.json()) as Body;
  };
  return {
    send,
    get,
    append: (dataset: string, csv: string) => send<Batch>('POST', `/datasets/${dataset}`, csv),
    async predict(model: string, instance: object, headers: Record<string, string> = {}) {
      const answer = await fetch(`${url()}/models/${model}/predictions`, {
        method: 'POST',
        headers: { ...own, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ instances: [instance] }),
      });
      const body = (await answer.json()) as { version: string; predictions: { value: number }[] };
      return { status: answer.status, ...body };
    },
    async jobsOf(model: string): Promise<TrainingJob[]> {
      const { items } = await get<{ items: TrainingJob[] }>(`/jobs?model=${model}&limit=100`);
      return items;
    },
    async batchesOf(dataset: string): Promise<Batch[]> {
      const { items } = await get<{ items: Batch[] }>(`/datasets/${dataset}?limit=1000`);
      return items;
    },
    /** Waits until no job is queued or running. */
    async drain(): Promise<void> {
      for (const state of ['queued', 'running', 'queued', 'running']) {
        for (;;) {
          const { items } = await get<{ items: object[] }>(`/jobs?state=${state}&limit=1`);
          if (items.length === 0) break;
          await pause(50);
        }
      }
    },
  };
}

export type Api = ReturnType<typeof apiAt>;

const POLL_MS = 30;

/** Requests predictions in the background, one after another. */
export class Onlooker {
  /** The versions that answered, in order. */
  readonly versions: string[] = [];
  private answers = 0;
  private readonly refused: unknown[] = [];
  private isOver = false;
  private readonly looking: Promise<void>;

  constructor(
    private readonly api: Api,
    private readonly model: string,
    private readonly instance: object,
  ) {
    this.looking = this.look();
  }

  /** Waits until a version answers. */
  async sees(version: string): Promise<void> {
    while (this.versions.at(-1) !== version && !this.isOver) await pause(POLL_MS);
  }

  /** Asserts that each request was answered. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.looking;
    expect(this.refused).toEqual([]);
    expect(this.answers).toBeGreaterThan(0);
  }

  leave(): void {
    this.isOver = true;
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const answer = await this.api
        .predict(this.model, this.instance)
        .catch((error: Error) => ({ status: 0, version: error.message }));
      this.answers++;
      if (answer.status !== 200) this.refused.push(answer);
      else if (answer.version !== this.versions.at(-1)) this.versions.push(answer.version);
      await pause(POLL_MS);
    }
  }
}
