// @ts-check
// What answering with Lambda costs: the API function, and in prd the gateway and the authorizer before it.

import { addAnswers } from './answers.js';
import { billedMs, callsOf, stretched } from './measured.js';
import { quantity, sum, times } from './money.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./money.js').Quantity} Quantity */

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} instances whose concurrency is provisioned; 0: none
 */
export function addFunctions(ledger, workload, instances) {
  if (workload.env === 'prd') addGateway(ledger, workload);
  const looks = addApi(ledger, workload, instances);
  if (workload.env === 'prd') addAuthorizer(ledger, workload);
  addRegistry(ledger, workload, looks);
  addAnswers(ledger, workload, {
    platformBytes: ledger.assume('platformLogBytes') * (workload.env === 'prd' ? 2 : 1),
    accessBytes: workload.env === 'prd' ? ledger.assume('accessLogBytes') : 0,
  });
}

/** Milliseconds as GB-seconds of a function.
 * @param {Quantity} milliseconds
 * @param {number} memory
 */
export function gbSeconds(milliseconds, memory) {
  return times(milliseconds, memory, 1024 * 1000);
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
 * @param {number} instances
 * @returns {number} how often instances look into the registry
 */
function addApi(ledger, workload, instances) {
  const { env, requests, rows, memory, architecture } = workload;
  const processor = { memory, whole: ledger.assume('processorMemory') };
  const wait = env === 'prd' ? ledger.assume('dynamoWriteMs') : 0;
  const twenty = billedMs(callsOf(ledger.measured, rows).microseconds, processor, wait);
  const answering = times(quantity(requests), twenty, 20);
  const looks = looksOf(ledger, requests, answering, instances);
  const busy = sum(answering, quantity(looks * ledger.assume('lookMs')));
  const start = stretched(ledger.measured.api.coldMilliseconds, processor);
  const cold = times(quantity(requests), workload.coldPerThousand * start, 1000);
  if (instances === 0) {
    ledger.add('API function: requests', 'lambda.requests', quantity(requests));
    ledger.add(
      'API function: duration',
      `lambda.duration.${architecture}`,
      gbSeconds(busy, memory),
    );
    ledger.add(
      'API function: cold starts',
      `lambda.duration.${architecture}`,
      gbSeconds(cold, memory),
    );
    return looks;
  }
  // What is kept ready takes as much as it has time for, evenly spread; the rest starts on demand. None of it is free.
  const paid = { free: false };
  const ready = quantity(instances * ledger.monthSeconds * 1000);
  const over = sum(busy, times(ready, -1));
  const spills = over.n > 0n;
  ledger.add('API function: requests', 'lambda.requests', quantity(requests), paid);
  ledger.add(
    'API function: kept ready',
    `lambda.provisioned.${architecture}`,
    gbSeconds(ready, memory),
    paid,
  );
  ledger.add(
    'API function: duration',
    `lambda.provisioned-duration.${architecture}`,
    gbSeconds(spills ? ready : busy, memory),
    paid,
  );
  if (spills) {
    ledger.add(
      'API function: beyond what is ready',
      `lambda.duration.${architecture}`,
      gbSeconds(over, memory),
      paid,
    );
    const started = { n: cold.n * over.n * busy.d, d: cold.d * over.d * busy.n };
    ledger.add(
      'API function: cold starts',
      `lambda.duration.${architecture}`,
      gbSeconds(started, memory),
      paid,
    );
  }
  return looks;
}

/**
 * Every instance that is called looks every so often; a request at most once.
 * @param {Ledger} ledger
 * @param {number} requests
 * @param {Quantity} busy in ms
 * @param {number} ready
 */
function looksOf(ledger, requests, busy, ready) {
  const month = BigInt(ledger.monthSeconds * 1000) * busy.d;
  const instances = Math.max(1, ready, Number((busy.n + month - 1n) / month));
  const each = Math.floor(ledger.monthSeconds / ledger.assume('refreshSeconds'));
  return Math.min(requests, instances * each);
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function addAuthorizer(ledger, { requests, architecture }) {
  const memory = ledger.assume('authorizerMemory');
  const processor = { memory, whole: ledger.assume('processorMemory') };
  const { microseconds } = ledger.measured.authorizer;
  const twenty = billedMs(microseconds, processor, ledger.assume('dynamoReadMs'));
  const asked = times(quantity(requests), ledger.assume('authorizedPerThousand'), 1000);
  ledger.add('Authorizer: requests', 'lambda.requests', asked);
  ledger.add(
    'Authorizer: duration',
    `lambda.duration.${architecture}`,
    gbSeconds(times(asked, twenty, 20), memory),
  );
  ledger.add('Keys', 'dynamodb.reads', times(asked, ledger.assume('readsPerAuthorization')));
  ledger.add('Usage', 'dynamodb.writes', quantity(requests * ledger.assume('writesPerRequest')));
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 * @param {number} looks
 */
function addRegistry(ledger, { requests, coldPerThousand }, looks) {
  const loads = times(
    quantity(requests),
    coldPerThousand * ledger.assume('readsPerColdStart'),
    1000,
  );
  ledger.add('Registry: lists', 's3.writes', quantity(looks * ledger.assume('listsPerLook')));
  ledger.add(
    'Registry: reads',
    's3.reads',
    sum(quantity(looks * ledger.assume('readsPerLook')), loads),
  );
}
