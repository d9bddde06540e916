import type { startServer } from './server.js';
import { compare, median, round } from './statistics.js';

type Server = Awaited<ReturnType<typeof startServer>>;

/** A server to measure. */
export interface Measured {
  start(): Promise<Server>;
  measure(server: Server): Promise<number>;
}

/**
 * Compares two servers by the medians over pairs of processes, since the speed of a process depends on its memory layout
 * and the order of compilation.
 */
export async function comparePairs(
  { pairs, rounds }: { pairs: number; rounds: number },
  a: Measured,
  b: Measured,
) {
  const found = [];
  for (let i = 0; i < pairs; i++) found.push(await comparePair(rounds, a, b));
  return {
    first: Math.round(median(found.map(({ first }) => first))),
    second: Math.round(median(found.map(({ second }) => second))),
    ratio: round(median(found.map(({ ratio }) => ratio))),
  };
}

async function comparePair(rounds: number, a: Measured, b: Measured) {
  const [first, second] = [await a.start(), await b.start()];
  try {
    return await compare(
      rounds,
      () => a.measure(first),
      () => b.measure(second),
    );
  } finally {
    await first.stop();
    await second.stop();
  }
}
