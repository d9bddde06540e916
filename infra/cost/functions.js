// @ts-check
// Cost of serving with Lambda: the API function, and in prd the gateway and the authorizer.

import { addAnswers } from './answers.js';
import { addApi, gbSeconds } from './api.js';
import { billedMs, callsOf } from './measured.js';
import { quantity, times } from './money.js';
import { addFunctionLooks } from './registry.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} instances whose concurrency is provisioned; 0: none
 */
export function addFunctions(ledger, workload, instances) {
  if (workload.env === 'prd') addGateway(ledger, workload);
  const looked = addApi(ledger, workload, instances);
  if (workload.env === 'prd') addAuthorizer(ledger, workload);
  addFunctionLooks(ledger, workload, looked);
  addAnswers(ledger, workload, {
    platformBytes: ledger.assume('platformLogBytes') * (workload.env === 'prd' ? 2 : 1),
    accessBytes: workload.env === 'prd' ? ledger.assume('accessLogBytes') : 0,
  });
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function addGateway(ledger, { requests, rows }) {
  const { requestBytes, responseBytes } = callsOf(ledger.measured, rows);
  const counted = Math.ceil(Math.max(requestBytes, responseBytes) / ledger.assume('meteredBytes'));
  ledger.add('API Gateway', 'gateway.requests', quantity(requests * counted));
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function addAuthorizer(ledger, { requests, architecture }) {
  const memory = ledger.assume('authorizerMemory');
  const processor = { memory, whole: ledger.assume('processorMemory') };
  const { microseconds } = ledger.measured.authorizer;
  const reads = ledger.assume('readsPerAuthorization');
  const twenty = billedMs(microseconds, processor, reads * ledger.assume('dynamoReadMs'));
  const remembered = ledger.assume('keys') * ledger.often('gatewayRememberSeconds');
  const asked = quantity(Math.min(requests, remembered));
  ledger.add('Authorizer: requests', 'lambda.requests', asked);
  ledger.add(
    'Authorizer: duration',
    `lambda.duration.${architecture}`,
    gbSeconds(times(asked, twenty, 20), memory),
  );
  ledger.add('Keys: reads', 'dynamodb.reads', times(asked, reads));
}
