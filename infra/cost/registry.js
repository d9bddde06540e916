// @ts-check
// What reading the registry in S3 costs: where aliases point, and whether clients have models of their own.
import { quantity, times } from './money.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./money.js').Quantity} Quantity */

/** A server no longer holds a client that has not called for so many looks. */
const HELD_LOOKS = 10;

/**
 * How often clients' requests find the last look too old: each of the first that comes, at random, after the time is up.
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} processes
 * @returns {Quantity} none in dev, whose callers are the operator's own
 */
export function clientLooks(ledger, workload, processes) {
  const places = BigInt(placesOf(ledger, workload, processes));
  const most = places * BigInt(ledger.often('refreshSeconds'));
  const requests = BigInt(workload.requests);
  return most === 0n ? quantity(0) : quantity(most * requests, most + requests);
}

/**
 * Functions: requests look.
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {{ looks: number, ofClients: Quantity }} looked
 */
export function addFunctionLooks(ledger, { requests, coldPerThousand }, { looks, ofClients }) {
  const loads = coldPerThousand * ledger.assume('readsPerColdStart');
  ledger.add('Registry: lists', 's3.writes', quantity(looks * ledger.assume('listsPerLook')));
  ledger.add('Clients: lists', 's3.writes', times(ofClients, ledger.assume('listsPerClientLook')));
  const reads = quantity(BigInt(requests) * BigInt(loads), 1000);
  ledger.add('Registry: reads', 's3.reads', {
    n: reads.n + BigInt(looks * ledger.assume('readsPerLook')) * reads.d,
    d: reads.d,
  });
}

/**
 * What is always on: a timer looks at all models, and at what the clients have that called lately.
 * @param {Ledger} ledger
 * @param {Workload} workload `env` dev where there are no clients
 * @param {number} processes
 */
export function addTimerLooks(ledger, workload, processes) {
  const looks = processes * ledger.often('refreshSeconds');
  ledger.add('Registry: lists', 's3.writes', quantity(looks * ledger.assume('listsPerRefresh')));
  ledger.add('Registry: reads', 's3.reads', quantity(looks * ledger.assume('readsPerRefresh')));
  const all = placesOf(ledger, workload, processes) * ledger.often('refreshSeconds');
  const held = Math.min(all, workload.requests * HELD_LOOKS);
  const byRequests = times(
    clientLooks(ledger, workload, processes),
    ledger.assume('listsPerClientLook'),
  );
  const byTimer = held * ledger.assume('listsPerClientRefresh');
  ledger.add('Clients: lists by the timer', 's3.writes', quantity(byTimer));
  ledger.add('Clients: lists', 's3.writes', byRequests);
}

/** Each process knows each client by itself. @param {Ledger} ledger @param {Workload} workload @param {number} processes */
function placesOf(ledger, { env, clients }, processes) {
  return env === 'prd' ? processes * (clients ?? ledger.assume('clients')) : 0;
}
