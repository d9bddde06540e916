import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AliasTarget } from '../../registry/port.js';
import { createOnce, orUndefined } from './durable.js';

const MOVE = /^[1-9]\d*$/;

/** The move of an alias that nobody made after another. */
export interface LastMove {
  number: number;
  target: AliasTarget | undefined;
}

/**
 * The moves of one alias: the n-th is the file `<n>`, which holds the id of the version it pointed to; or,
 * when there is more to say, a JSON object; or `null` when it took the alias away.
 */
export class AliasMoves {
  constructor(private readonly directory: string) {}

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
  async add({ number }: LastMove, target: AliasTarget | undefined): Promise<boolean> {
    await mkdir(this.directory, { recursive: true });
    const text = `${write(target)}\n`;
    return createOnce(join(this.directory, String(number + 1)), Buffer.from(text));
  }

  private async numbers(): Promise<number[]> {
    const names = (await orUndefined(readdir(this.directory))) ?? [];
    return names.filter((name) => MOVE.test(name)).map(Number);
  }

  private async read(number: number): Promise<AliasTarget | undefined> {
    const path = join(this.directory, String(number));
    const text = (await readFile(path, 'utf8')).trim();
    if (text === 'null') return undefined;
    return text.startsWith('{') ? (JSON.parse(text) as AliasTarget) : { version: text };
  }
}

function write(target: AliasTarget | undefined): string {
  if (target === undefined) return 'null';
  const { share, shadow, version } = target;
  return share === undefined && shadow === undefined ? version : JSON.stringify(target);
}
