import type { AliasTarget } from '../../registry/port.js';

const MOVE = /^[1-9]\d*$/;

/** Where the moves of an alias are kept. */
export interface MoveEntries {
  /** Names of what is there, in any order. */
  names(): Promise<string[]>;
  read(name: string): Promise<string>;
  /** Creates an entry unless there is one of that name, which only one of several does. */
  create(name: string, text: string): Promise<boolean>;
}

/** The move of an alias that nobody made after another. */
export interface LastMove {
  number: number;
  target: AliasTarget | undefined;
}

/**
 * The moves of one alias: the n-th is the entry `<n>`, which holds the id of the version it pointed to; or,
 * when there is more to say, a JSON object; or `null` when it took the alias away.
 */
export class AliasMoves {
  constructor(private readonly entries: MoveEntries) {}

  async last(): Promise<LastMove> {
    const number = Math.max(0, ...(await this.numbers()));
    return { number, target: number === 0 ? undefined : await this.read(number) };
  }

  /** All of them, the first first. */
  async all(): Promise<(AliasTarget | undefined)[]> {
    const numbers = (await this.numbers()).sort((a, b) => a - b);
    return Promise.all(numbers.map((number) => this.read(number)));
  }

  /** Claims the next number, which only one of several movers gets, be they processes or machines. */
  add({ number }: LastMove, target: AliasTarget | undefined): Promise<boolean> {
    return this.entries.create(String(number + 1), `${write(target)}\n`);
  }

  private async numbers(): Promise<number[]> {
    return (await this.entries.names()).filter((name) => MOVE.test(name)).map(Number);
  }

  private async read(number: number): Promise<AliasTarget | undefined> {
    const text = (await this.entries.read(String(number))).trim();
    if (text === 'null') return undefined;
    return text.startsWith('{') ? (JSON.parse(text) as AliasTarget) : { version: text };
  }
}

function write(target: AliasTarget | undefined): string {
  if (target === undefined) return 'null';
  const { share, shadow, version } = target;
  return share === undefined && shadow === undefined ? version : JSON.stringify(target);
}
