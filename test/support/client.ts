import { type Api, pause } from './api.js';
import { sha256 } from './datasets.js';
import { boxesCsv } from './training.js';

const ROWS = 20;
const PAUSE_MS = 400;
const RETRY_MS = 100;
/** Clients that begin less than that apart send different batches. */
const STEP = 100;

/** Appends boxes, batch after batch, each until it is acknowledged. */
export class Client {
  /** How many batches it has begun to send. */
  begun = 0;
  private readonly acknowledged: string[] = [];
  private isOver = false;
  private isGone = false;
  private readonly sending: Promise<void>;

  constructor(
    private readonly api: Api,
    private readonly dataset: string,
    private readonly first: number,
  ) {
    this.sending = this.send();
  }

  /** @returns the checksums of all batches that it sent */
  async end(): Promise<string[]> {
    this.isOver = true;
    await this.sending;
    return this.acknowledged;
  }

  /** Goes away, whether or not what it sent was acknowledged. */
  leave(): void {
    this.isOver = true;
    this.isGone = true;
  }

  private async send(): Promise<void> {
    for (let seed = this.first + STEP; !this.isOver; seed += STEP) {
      const csv = boxesCsv(ROWS, seed);
      this.begun++;
      while (!(await this.isTaken(csv))) {
        if (this.isGone) return;
        await pause(RETRY_MS);
      }
      this.acknowledged.push(sha256(csv));
      await pause(PAUSE_MS);
    }
  }

  /** @returns false when the server is gone */
  private async isTaken(csv: string): Promise<boolean> {
    const answer = await this.api.append(this.dataset, csv).catch(() => undefined);
    if (answer && answer.status > 201) throw new Error(JSON.stringify(answer.body));
    return answer !== undefined;
  }
}
