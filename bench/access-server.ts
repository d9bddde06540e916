import { readConfig, requiresKeys } from '../src/compose/config.js';
import { compose } from '../src/compose/index.js';
import { openGuard } from '../src/hosts/guard.js';
import { newLogger } from '../src/hosts/logger.js';
import { buildApp } from '../src/http/app.js';
import type { Guard } from '../src/http/guard/access.js';
import { Load } from '../src/http/protect/load.js';

/*
 * Serves the same models twice, with keys and without, and prints the ports, and a key of each plan. Both are in one
 * process, since two processes of the same program differ by more than the figure to measure.
 */

/** A plan whose limits are checked, but never reached. */
const LIMITED = {
  requestsPerSecond: 1_000_000,
  burst: 1_000_000,
  predictionsPerMonth: 1_000_000_000_000,
  maxInstances: 1000,
  maxDatasetBytes: null,
  trainingMinutesPerMonth: null,
  currency: 'USD',
  pricePerThousandPredictions: '250000',
  pricePerTrainingMinute: '0',
};

const config = readConfig();
if (!requiresKeys(config)) throw new Error('ACCESS must be keys');
const logger = newLogger('silent');
const app = await compose(config);
const guard = await openGuard(config, app.access);

const listen = (own: { guard?: Guard }): Promise<string> =>
  buildApp({
    ...app,
    ...own,
    logger,
    limits: { bodyBytes: config.BODY_LIMIT_BYTES, maxInstances: config.MAX_INSTANCES },
    load: new Load({ requests: config.MAX_REQUESTS, delayMs: config.MAX_DELAY_MS }),
    clientTimeouts: {
      headersMs: config.HEADERS_TIMEOUT_S * 1000,
      idleMs: config.IDLE_TIMEOUT_S * 1000,
    },
    admin: false,
  }).listen({ host: '127.0.0.1', port: 0 });

const ports = { keys: portOf(await listen({ guard: guard! })), open: portOf(await listen({})) };
const { keys } = await app.access();
await keys.putPlan('limited', LIMITED);
const keyOf = async (plan: string): Promise<string> => {
  await keys.createClient({ id: plan, name: plan, plan });
  return (await keys.createKey(plan, ['predict'])).key;
};
const plans = { unlimited: await keyOf('unlimited'), limited: await keyOf('limited') };
process.stdout.write(`${JSON.stringify({ ports, plans })}\n`);

function portOf(address: string): number {
  return Number(new URL(address).port);
}
