// @ts-check
// Cost of serving with servers that are always on: Fargate, or a SageMaker endpoint.
import { addAnswers } from './answers.js';
import { gigabytes } from './bill.js';
import { addCallers } from './callers.js';
import { callsOf } from './measured.js';
import { quantity } from './money.js';
import { addTimerLooks } from './registry.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */

/** Size of a task: half processors, so that they are whole numbers, and gigabytes of memory. */
const TASKS = { dev: { halves: 1, gb: 1 }, prd: { halves: 2, gb: 2 } };
/** A load balancer has an address in each of its zones. */
const ZONES = 2;

/**
 * Adds the servers: in dev one small task that is called directly, in prd several behind a load balancer.
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
export function addServers(ledger, workload) {
  const { env, architecture } = workload;
  const tasks = tasksOf(ledger, workload);
  const hours = ledger.assume('monthHours');
  const { halves, gb } = TASKS[env];
  ledger.add(
    'Tasks: processors',
    `fargate.vcpu.${architecture}`,
    quantity(tasks * hours * halves, 2),
  );
  ledger.add('Tasks: memory', `fargate.memory.${architecture}`, quantity(tasks * hours * gb));
  if (env === 'prd') {
    addBalancer(ledger, workload);
    addCallers(ledger, workload.requests, tasks);
  }
  const addresses = tasks + (env === 'prd' ? ZONES : 0);
  ledger.add('Public addresses', 'address.hours', quantity(addresses * hours));
  addTimerLooks(ledger, workload, tasks);
  addAnswers(ledger, workload, { platformBytes: 0, accessBytes: 0 });
}

/**
 * Adds the endpoint. Callers sign their requests with IAM, as in dev: no gateway, no keys.
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
export function addEndpoint(ledger, workload) {
  const instances = tasksOf(ledger, workload);
  const hours = ledger.assume('monthHours');
  ledger.add('Instances', 'sagemaker.endpoint', quantity(instances * hours));
  addTimerLooks(ledger, { ...workload, env: 'dev' }, instances);
  addAnswers(ledger, workload, { platformBytes: 0, accessBytes: 0 });
}

/**
 * Returns the tasks that the busiest second needs, at least those that the environment starts with.
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function tasksOf(ledger, { env, requests }) {
  const peak = (requests * ledger.assume('peakFactor')) / ledger.monthSeconds;
  const least = ledger.assume(env === 'prd' ? 'serverTasksPrd' : 'serverTasksDev');
  return Math.max(least, Math.ceil(peak / ledger.assume('serverRequestsPerSecond')));
}

/**
 * Adds capacity units of the load balancer: each is 25 new connections a second or 1 GB an hour, whichever is more.
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function addBalancer(ledger, { requests, rows }) {
  ledger.add('Load balancer', 'balancer.hours', quantity(ledger.assume('monthHours')));
  const { requestBytes, responseBytes } = callsOf(ledger.measured, rows);
  const byBytes = gigabytes(
    requestBytes + responseBytes + 2 * ledger.assume('headerBytes'),
    requests,
  );
  const byConnections = quantity(requests, ledger.assume('connectionRequests') * 25 * 3600);
  const more = byBytes.n * byConnections.d > byConnections.n * byBytes.d ? byBytes : byConnections;
  ledger.add('Load balancer: capacity', 'balancer.units', more);
}
