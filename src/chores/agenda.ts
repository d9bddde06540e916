import type { Agenda, Due, DueStore } from './port.js';

/** Maximum number of entries to remember as written. */
const REMEMBERED = 1000;

/** Adds and removes the entries of one client in the index. */
export class IndexAgenda implements Agenda {
  private readonly noted = new Set<string>();

  constructor(
    private readonly open: () => Promise<DueStore>,
    private readonly client: string,
  ) {}

  async note(chore: string, subject: string, at: Date): Promise<void> {
    const key = JSON.stringify([chore, subject, at]);
    if (this.noted.has(key)) return;
    await (await this.open()).add(this.entry(chore, subject, at));
    if (this.noted.size >= REMEMBERED) this.noted.clear();
    this.noted.add(key);
  }

  async drop(chore: string, subject: string, at: Date): Promise<void> {
    await (await this.open()).remove(this.entry(chore, subject, at));
  }

  private entry(chore: string, subject: string, at: Date): Due {
    return { chore, client: this.client, subject, at, failures: 0 };
  }
}
