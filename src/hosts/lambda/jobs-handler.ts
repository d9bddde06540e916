import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { Logger } from 'pino';
import type { OwnedDataset } from '../../datasets/port.js';
import type { JobWorker } from '../../jobs/index.js';
import type { Job, JobKind, JobStore } from '../../jobs/port.js';
import {
  classifyJobsEvent,
  parseMessage,
  type QueueRecord,
  type StoredObject,
} from './jobs-events.js';
import { JobsTurn } from './jobs-turn.js';

/** Services that the function calls. */
export interface JobFunctionWork {
  worker: Pick<JobWorker, 'run' | 'runNext'>;
  store: Pick<JobStore, 'read' | 'replace' | 'listOpen'>;
  /** The table of kinds. */
  kinds: readonly Pick<JobKind, 'kind' | 'lane' | 'restartable'>[];
  /** Reports a job that a message names and that another worker, such as one on SageMaker, ended as failed. */
  failedElsewhere(job: Job): void;
  /** Sends a message about a job to the queue. */
  notify(job: Job): Promise<void>;
  /** Returns the dataset that has another batch with an object; undefined for any other object. */
  datasetOf(object: StoredObject): OwnedDataset | undefined;
  /** Submits the trainings for a new batch of a dataset; repeated calls are harmless. */
  retrain(dataset: OwnedDataset): Promise<unknown>;
  /** Does the chores that are due, for a minute at most. */
  doChores(): Promise<unknown>;
  logger: Logger;
}

type FunctionContext = Pick<Context, 'getRemainingTimeInMillis'>;

/**
 * Makes the function behind the queue of jobs. A record that cannot be read or passed on is reported as failed, alone:
 * SQS delivers it again, and at last moves it to the dead-letter queue. The record of a job that fails is not: its
 * error is stored with the job.
 */
export function createJobFunction(work: JobFunctionWork) {
  const doChores = () =>
    work.doChores().catch((error: unknown) => {
      work.logger.error({ err: error }, 'the index of chores cannot be used');
    });
  return async (event: unknown, context: FunctionContext): Promise<SQSBatchResponse> => {
    const classified = classifyJobsEvent(event);
    const turn = new JobsTurn(work, () => context.getRemainingTimeInMillis());
    const failures: string[] = [];
    try {
      for (const record of classified.kind === 'messages' ? classified.records : []) {
        if (!(await take(record, turn, work))) failures.push(record.messageId);
      }
      // Before the jobs: chores submit trainings that were forgotten.
      if (classified.kind === 'tick') await doChores();
      await turn.run();
    } finally {
      turn.end();
    }
    return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** @returns whether the message can be forgotten */
async function take(record: QueueRecord, turn: JobsTurn, work: JobFunctionWork): Promise<boolean> {
  try {
    const message = parseMessage(record.body);
    if (message.kind === 'job') turn.add(message.job);
    if (message.kind === 'objects') {
      const datasets = message.objects.flatMap((object) => work.datasetOf(object) ?? []);
      const distinct = new Map(datasets.map((each) => [`${each.client}/${each.dataset}`, each]));
      for (const dataset of distinct.values()) await work.retrain(dataset);
    }
    return true;
  } catch (error) {
    work.logger.error(
      { err: error, messageId: record.messageId },
      'a message could not be processed',
    );
    return false;
  }
}
