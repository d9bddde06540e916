// @ts-check
import { quantity, times } from './money.js';

/**
 * Adds reads of clients and quotas, and writes of usage, by the processes that answer.
 * @param {import('./bill.js').Ledger} ledger
 * @param {number} requests
 * @param {number} processes
 * @returns {number} the milliseconds that requests wait for reads
 */
export function addCallers(ledger, requests, processes) {
  const places = processes * ledger.assume('keys');
  const asked = Math.min(requests, places * ledger.often('keyRememberSeconds'));
  const reads = asked * ledger.assume('readsPerCaller');
  const writes = times(quantity(requests), ledger.assume('writesPerRequest'));
  ledger.add('Usage: writes', 'dynamodb.writes', writes);
  ledger.add('Clients and quotas: reads', 'dynamodb.reads', quantity(reads));
  return reads * ledger.assume('dynamoReadMs');
}
