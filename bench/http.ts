import { INSTANCE } from './instance.js';
import { measureLoad } from './load.js';
import { PATH, startServer } from './server.js';
import { compare } from './statistics.js';

const ROUNDS = 7;
const ROUND_MS = 1500;

/** Predictions a second of the server against answers a second of a bare Fastify echo. */
export async function benchHttp(rows: number, logLevel: 'info' | 'silent') {
  const body = JSON.stringify({ instances: Array.from({ length: rows }, () => INSTANCE) });
  const api = await startServer(['../main.js', 'serve'], { LOG_LEVEL: logLevel });
  const echo = await startServer(['./echo-server.js'], { LOG_LEVEL: logLevel });
  try {
    const { first, second, ratio } = await compare(
      ROUNDS,
      () => measureLoad(api.port, PATH, body, ROUND_MS),
      () => measureLoad(echo.port, PATH, body, ROUND_MS),
    );
    return {
      rows,
      logLevel,
      requestsPerSecond: Math.round(first),
      echoPerSecond: Math.round(second),
      ratio,
    };
  } finally {
    await api.stop();
    await echo.stop();
  }
}
