// @ts-check
// Fixed cost of an environment, without host and requests: training, storage, images, alarms.

import { gbSeconds } from './api.js';
import { stretched } from './measured.js';
import { quantity, sum } from './money.js';

/** @typedef {import('./bill.js').Ledger} Ledger */
/** @typedef {import('./bill.js').Workload} Workload */

/** MB of free ephemeral storage of each function. */
const FREE_DISK = 512;

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
export function addEnvironment(ledger, workload) {
  addTrainer(ledger, workload);
  const megabytes = (/** @type {string} */ name) => quantity(ledger.assume(name), 1024);
  ledger.add(
    'Models and datasets',
    's3.storage',
    quantity(Math.round(workload.storageGb * 1000), 1000),
  );
  ledger.add('Tables', 'dynamodb.storage', megabytes('tableMegabytes'));
  ledger.add('Tables: recovery', 'dynamodb.recovery', megabytes('tableMegabytes'));
  ledger.add('Images', 'ecr.storage', megabytes('imageMegabytes'));
  const alarms = ledger.assume(workload.env === 'prd' ? 'alarmsPrd' : 'alarmsDev');
  ledger.add('Alarms', 'cloudwatch.alarms', quantity(alarms));
  ledger.add('Dashboard', 'cloudwatch.dashboards', quantity(ledger.assume('dashboards')));
}

/**
 * @param {Ledger} ledger
 * @param {Workload} workload
 */
function addTrainer(ledger, { trainings, architecture }) {
  const memory = ledger.assume('trainerMemory');
  const turns = ledger.assume('trainerTurns');
  const { seconds } = ledger.measured.training;
  // Measured on two processors.
  const whole = 2 * ledger.assume('processorMemory');
  const training = stretched(seconds, { memory, whole }) + ledger.assume('trainingOverheadSeconds');
  const milliseconds = sum(
    quantity(turns * ledger.assume('trainerTurnMs')),
    quantity(trainings * training * 1000),
  );
  ledger.add('Trainer: requests', 'lambda.requests', quantity(turns + trainings));
  ledger.add(
    'Trainer: duration',
    `lambda.duration.${architecture}`,
    gbSeconds(milliseconds, memory),
  );
  const disk = Math.max(0, ledger.assume('trainerDisk') - FREE_DISK);
  ledger.add('Trainer: disk', 'lambda.disk', gbSeconds(milliseconds, disk));
  const lists = turns * ledger.assume('listsPerTrainerTurn');
  ledger.add('Trainer: S3 lists', 's3.writes', quantity(lists));
  ledger.add('Queue', 'sqs.requests', quantity(ledger.assume('queuePolls') + trainings * 3));
  const each = quantity(trainings * ledger.assume('requestsPerTraining'));
  ledger.add('Trainings: S3 writes', 's3.writes', each);
  ledger.add('Trainings: S3 reads', 's3.reads', each);
  ledger.add('Trainings: table writes', 'dynamodb.writes', each);
  ledger.add('Trainings: table reads', 'dynamodb.reads', each);
}
