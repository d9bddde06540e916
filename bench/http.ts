import { INSTANCE } from './instance.js';
import { measureLoad } from './load.js';
import { PATH, startServer } from './server.js';
import { compare, median, round } from './statistics.js';

/** Each process has a speed of its own, by where its memory lies and what is compiled when: one pair says little. */
const PAIRS = 3;
const ROUNDS = 3;
const ROUND_MS = 1500;

/** Predictions a second of the server against answers a second of a bare Fastify echo. */
export async function benchHttp(rows: number, logLevel: 'info' | 'silent') {
  const body = JSON.stringify({ instances: Array.from({ length: rows }, () => INSTANCE) });
  const pairs = [];
  for (let i = 0; i < PAIRS; i++) pairs.push(await comparePair(body, logLevel));
  return {
    rows,
    logLevel,
    requestsPerSecond: Math.round(median(pairs.map(({ first }) => first))),
    echoPerSecond: Math.round(median(pairs.map(({ second }) => second))),
    ratio: round(median(pairs.map(({ ratio }) => ratio))),
  };
}

async function comparePair(body: string, logLevel: string) {
  const api = await startServer(['../main.js', 'serve'], { LOG_LEVEL: logLevel });
  const echo = await startServer(['./echo-server.js'], { LOG_LEVEL: logLevel });
  try {
    return await compare(
      ROUNDS,
      () => measureLoad(api.port, PATH, body, ROUND_MS),
      () => measureLoad(echo.port, PATH, body, ROUND_MS),
    );
  } finally {
    await api.stop();
    await echo.stop();
  }
}
