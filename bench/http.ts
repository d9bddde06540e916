import { INSTANCE } from './instance.js';
import { measureLoad } from './load.js';
import { comparePairs } from './pairs.js';
import { PATH, startServer } from './server.js';

const RUN = { pairs: 5, rounds: 3 };
const ROUND_MS = 1000;

/** Measures predictions per second of the server against responses per second of a bare Fastify. */
export async function benchHttp(rows: number, logLevel: 'info' | 'silent') {
  const body = JSON.stringify({ instances: Array.from({ length: rows }, () => INSTANCE) });
  const measured = (command: readonly string[]) => ({
    start: () => startServer(command, { LOG_LEVEL: logLevel }),
    measure: ({ port }: { port: number }) => measureLoad(port, PATH, body, ROUND_MS),
  });
  const { first, second, ratio } = await comparePairs(
    RUN,
    measured(['../main.js', 'serve']),
    measured(['./echo-server.js']),
  );
  return { rows, logLevel, requestsPerSecond: first, echoPerSecond: second, ratio };
}
