// @ts-check
// What every answer costs, on any host: its lines in the log, and its bytes on their way out.
import { gigabytes } from './bill.js';
import { callsOf } from './measured.js';
import { times } from './money.js';

/**
 * @param {import('./bill.js').Ledger} ledger
 * @param {import('./bill.js').Workload} workload
 * @param {{ platformBytes: number, accessBytes: number }} log beside the application's own line
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
