// @ts-check
// Cost of each answer, on any host: its log lines and its bytes sent.
import { gigabytes } from './bill.js';
import { callsOf } from './measured.js';
import { times } from './money.js';

/**
 * @param {import('./bill.js').Ledger} ledger
 * @param {import('./bill.js').Workload} workload
 * @param {{ platformBytes: number, accessBytes: number }} bytes of log lines of the platform
 */
export function addAnswers(ledger, { env, requests, rows }, { platformBytes, accessBytes }) {
  const { logBytes, responseBytes } = callsOf(ledger.measured, rows);
  const overhead = ledger.assume('logEventBytes') * ledger.assume('logLines');
  const logs = gigabytes(logBytes + platformBytes + accessBytes + overhead, requests);
  const days = ledger.assume(env === 'prd' ? 'logDaysPrd' : 'logDaysDev');
  ledger.add('Logs: taken in', 'logs.ingestion', logs);
  ledger.add('Logs: kept', 'logs.storage', times(logs, days, 30));
  const answers = gigabytes(responseBytes + ledger.assume('headerBytes'), requests);
  ledger.add('Answers sent', 'transfer.out', answers);
}
