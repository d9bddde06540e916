// @ts-check
// Cost of reading the registry in S3: the aliases, and the models of clients.
import { quantity, times } from './money.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./money.js').Quantity} Quantity */

/** A server evicts the models of a client after this many refreshes without a request. */
const HELD_LOOKS = 10;

/**
 * Returns how often a client's request refreshes: the first request, at random times, after the last refresh is too old.
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} processes
 * @returns {Quantity} none in dev, which has no clients
 */
export function clientLooks(ledger, workload, processes) {
  const places = BigInt(placesOf(ledger, workload, processes));
  const most = places * BigInt(ledger.often('refreshSeconds'));
  const requests = BigInt(workload.requests);
  return most === 0n ? quantity(0) : quantity(most * requests, most + requests);
}

/**
 * Adds the refreshes of functions, which requests do.
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
 * Adds the refreshes of servers: a timer reads all models, and those of clients that called recently.
 * @param {Ledger} ledger
 * @param {Workload} workload `env` dev without clients
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

/** Returns the pairs of process and client, as each process reads for each client. @param {Ledger} ledger @param {Workload} workload @param {number} processes */
function placesOf(ledger, { env, clients }, processes) {
  return env === 'prd' ? processes * (clients ?? ledger.assume('clients')) : 0;
}
