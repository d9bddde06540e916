import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse';
import { runMain, startServer } from '../support/process.js';

const DIAMONDS = createRequire(import.meta.url).resolve(
  '@observablehq/sample-datasets/diamonds.csv',
);
const WORDS = new Set(['cut', 'color', 'clarity']);
const BATCH = 1000;

/** The test rows as a client who knows nothing of our code would find and send them. */
async function testRows(): Promise<{ price: number; instance: Record<string, unknown> }[]> {
  const rows = [];
  let index = 0;
  for await (const record of createReadStream(DIAMONDS).pipe(parse({ columns: true }))) {
    if ((Math.imul(index++, 2654435761) >>> 0) / 4294967296 >= 0.2) continue;
    const { price, ...fields } = record as Record<string, string>;
    const typed = Object.entries(fields).map(([name, text]) => [
      name,
      WORDS.has(name) ? text : Number(text),
    ]);
    rows.push({ price: Number(price), instance: Object.fromEntries(typed) });
  }
  return rows;
}

describe('from real diamonds to predicted prices over HTTP', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    server.child.kill();
    await server.finished;
  });

  it('gives a separate client the accuracy that the score reports, below 262 dollars', async () => {
    const rows = await testRows();
    expect(rows).toHaveLength(10_789);
    let absolute = 0;
    for (let start = 0; start < rows.length; start += BATCH) {
      const batch = rows.slice(start, start + BATCH);
      const answer = await fetch(`${server.url}/models/diamonds/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instances: batch.map(({ instance }) => instance) }),
      });
      const { predictions } = (await answer.json()) as { predictions: { value: number }[] };
      predictions.forEach(({ value }, i) => {
        absolute += Math.abs(value - batch[i]!.price);
      });
    }
    const mae = absolute / rows.length;
    const score = await runMain(['score', 'diamonds', '--json']).finished;
    const reported = JSON.parse(score.stdout).metrics.mae as number;
    expect(mae).toBeLessThanOrEqual(262);
    // Which rows share a batch decides in which order some sums are made.
    expect(mae).toBeCloseTo(reported, 4);
  }, 60_000);
});
