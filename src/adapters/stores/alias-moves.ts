import type { AliasTarget } from '../../registry/port.js';
import { MissingObject, type Objects } from '../objects/objects.js';

const MOVE = /^[1-9]\d*$/;

/** The latest move of an alias. */
export interface LastMove {
  number: number;
  target: AliasTarget | undefined;
}

/**
 * The moves of one alias: the n-th is the object `<n>`, which contains the id of its version, a JSON object for a target
 * with a share or a shadow, or `null` for a removal.
 */
export class AliasMoves {
  /** @param path prefix of the keys of the moves */
  constructor(
    private readonly objects: Objects,
    private readonly path: string,
  ) {}

  async last(): Promise<LastMove> {
    const number = Math.max(0, ...(await this.numbers()));
    return { number, target: number === 0 ? undefined : await this.read(number) };
  }

  /** Returns all of them, the oldest first. */
  async all(): Promise<(AliasTarget | undefined)[]> {
    const numbers = (await this.numbers()).sort((a, b) => a - b);
    return Promise.all(numbers.map((number) => this.read(number)));
  }

  /** Claims the next number, which only one of several concurrent calls can do. */
  add({ number }: LastMove, target: AliasTarget | undefined): Promise<boolean> {
    const bytes = Buffer.from(`${write(target)}\n`);
    return this.objects.createOnce(`${this.path}${number + 1}`, bytes, { free: !target });
  }

  private async numbers(): Promise<number[]> {
    return (await this.objects.names(this.path)).filter((name) => MOVE.test(name)).map(Number);
  }

  private async read(number: number): Promise<AliasTarget | undefined> {
    const key = `${this.path}${number}`;
    const text = (await this.objects.readText(key))?.trim();
    if (text === undefined) throw new MissingObject(`move ${key} was removed`);
    if (text === 'null') return undefined;
    return text.startsWith('{') ? (JSON.parse(text) as AliasTarget) : { version: text };
  }
}

function write(target: AliasTarget | undefined): string {
  if (target === undefined) return 'null';
  const { share, shadow, version } = target;
  return share === undefined && shadow === undefined ? version : JSON.stringify(target);
}
