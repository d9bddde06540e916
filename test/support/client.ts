import { type Api, pause } from './api.js';
import { sha256 } from './datasets.js';
import { boxesCsv } from './training.js';

const ROWS = 20;
const PAUSE_MS = 400;
const RETRY_MS = 100;
/** Seeds of clients that begin less than that apart differ, so their batches do too. */
const STEP = 100;

/** Appends batches of boxes, each until it is acknowledged. */
export class Client {
  /** The number of batches that were begun. */
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

  /** @returns the checksums of all sent batches */
  async end(): Promise<string[]> {
    this.isOver = true;
    await this.sending;
    return this.acknowledged;
  }

  /** Stops, with or without an acknowledgement. */
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

  /** @returns false if the server does not answer */
  private async isTaken(csv: string): Promise<boolean> {
    const answer = await this.api.append(this.dataset, csv).catch(() => undefined);
    if (answer && answer.status > 201) throw new Error(JSON.stringify(answer.body));
    return answer !== undefined;
  }
}
