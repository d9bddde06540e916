// @ts-check
// Cost of the API function: its duration with waits, on demand and with provisioned concurrency.
import { addCallers } from './callers.js';
import { billedMs, callsOf, stretched } from './measured.js';
import { quantity, sum, times } from './money.js';
import { clientLooks } from './registry.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./money.js').Quantity} Quantity */

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} ready instances whose concurrency is provisioned; 0: none
 * @returns {{ looks: number, ofClients: Quantity }} refreshes of the registry, and of clients' models
 */
export function addApi(ledger, workload, ready) {
  const { env, requests, rows, memory } = workload;
  const processor = { memory, whole: ledger.assume('processorMemory') };
  // Only prd has clients, whose usage it records before the answer.
  const keeping = env === 'prd' ? ledger.assume('dynamoWriteMs') : 0;
  const twenty = billedMs(callsOf(ledger.measured, rows).microseconds, processor, keeping);
  const answering = times(quantity(requests), twenty, 20);
  const processes = processesOf(ledger, answering, ready);
  const looks = Math.min(requests, processes * ledger.often('refreshSeconds'));
  const ofClients = clientLooks(ledger, workload, processes);
  const reading = env === 'prd' ? addCallers(ledger, requests, processes) : 0;
  const looking = times(sum(quantity(looks), ofClients), ledger.assume('lookMs'));
  const busy = sum(answering, looking, quantity(reading));
  const start = stretched(ledger.measured.api.coldMilliseconds, processor);
  const cold = times(quantity(requests), workload.coldPerThousand * start, 1000);
  if (ready === 0) addOnDemand(ledger, workload, { busy, cold });
  else addReady(ledger, workload, { busy, cold, ready });
  return { looks, ofClients };
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {{ busy: Quantity, cold: Quantity }} times in ms
 */
function addOnDemand(ledger, { requests, memory, architecture }, { busy, cold }) {
  const duration = `lambda.duration.${architecture}`;
  ledger.add('API function: requests', 'lambda.requests', quantity(requests));
  ledger.add('API function: duration', duration, gbSeconds(busy, memory));
  ledger.add('API function: cold starts', duration, gbSeconds(cold, memory));
}

/**
 * Adds provisioned instances, which run as much as fits into their time, evenly spread; the rest runs on demand. None of
 * it is free.
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {{ busy: Quantity, cold: Quantity, ready: number }} times in ms, and the instances
 */
function addReady(ledger, { requests, memory, architecture }, { busy, cold, ready }) {
  const add = (
    /** @type {string} */ name,
    /** @type {string} */ price,
    /** @type {Quantity} */ ms,
  ) =>
    ledger.add(`API function: ${name}`, `${price}.${architecture}`, gbSeconds(ms, memory), {
      free: false,
    });
  const there = quantity(ready * ledger.monthSeconds * 1000);
  const over = sum(busy, times(there, -1));
  const suffices = over.n <= 0n;
  ledger.add('API function: requests', 'lambda.requests', quantity(requests), { free: false });
  add('kept ready', 'lambda.provisioned', there);
  add('duration', 'lambda.provisioned-duration', suffices ? busy : there);
  if (suffices) return;
  add('beyond what is ready', 'lambda.duration', over);
  add('cold starts', 'lambda.duration', {
    n: cold.n * over.n * busy.d,
    d: cold.d * over.d * busy.n,
  });
}

/**
 * Returns the GB-seconds of milliseconds of a function.
 * @param {Quantity} milliseconds
 * @param {number} memory in MB
 */
export function gbSeconds(milliseconds, memory) {
  return times(milliseconds, memory, 1024 * 1000);
}

/**
 * Returns the average number of instances.
 * @param {Ledger} ledger
 * @param {Quantity} busy in ms
 * @param {number} ready
 */
function processesOf(ledger, busy, ready) {
  const month = BigInt(ledger.monthSeconds * 1000) * busy.d;
  return Math.max(1, ready, Number((busy.n + month - 1n) / month));
}
