import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { Logger } from 'pino';
import type { OwnedDataset } from '../../datasets/port.js';
import type { Job } from '../../jobs/job.js';
import type { JobStore } from '../../jobs/port.js';
import type { JobWorker } from '../../jobs/worker.js';
import { TrainerTurn } from './trainer-turn.js';
import {
  classifyTrainerEvent,
  parseTrainingMessage,
  type QueueRecord,
  type StoredObject,
} from './training-events.js';

/** What the trainer function works with. */
export interface TrainerWork {
  worker: Pick<JobWorker, 'run' | 'runNext'>;
  store: Pick<JobStore, 'read' | 'replace' | 'listOpen'>;
  /** Called with a job that a message names and that another worker, such as one on SageMaker, ended as failed. */
  failedElsewhere(job: Job): void;
  /** Tells the queue of a job. */
  notify(job: Job): Promise<void>;
  /** Which dataset an object tells of; undefined when of none. */
  datasetOf(object: StoredObject): OwnedDataset | undefined;
  /** A dataset has something new: submits what has to be trained, however often it is told. */
  retrain(dataset: OwnedDataset): Promise<unknown>;
  /** Submits what was forgotten: notices of S3 can be lost, too. */
  reconcile(): Promise<unknown>;
  /** Removes what is too old. */
  sweep(): Promise<void>;
  logger: Logger;
}

/** To look at all that there is costs more than a tick is worth. */
const SWEEP_MS = 3_600_000;

type TrainerContext = Pick<Context, 'getRemainingTimeInMillis'>;

/**
 * The function behind the training queue. A record that cannot be read or passed on is reported as failed,
 * alone: SQS delivers it again, and at last moves it to the dead-letter queue. A job that fails is no such
 * record: its error is kept with the job.
 */
export function createTrainer(work: TrainerWork, now: () => number = Date.now) {
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** What cannot be removed now is there the next time. */
  const sweep = async (): Promise<void> => {
    if (now() - sweptAt < SWEEP_MS) return;
    sweptAt = now();
    await work.sweep().catch((error: unknown) => {
      work.logger.error({ err: error }, 'what is too old could not be removed');
    });
  };
  return async (event: unknown, context: TrainerContext): Promise<SQSBatchResponse> => {
    const classified = classifyTrainerEvent(event);
    const turn = new TrainerTurn(work, () => context.getRemainingTimeInMillis());
    const failures: string[] = [];
    try {
      for (const record of classified.kind === 'messages' ? classified.records : []) {
        if (!(await take(record, turn, work))) failures.push(record.messageId);
      }
      if (classified.kind === 'tick') await work.reconcile();
      await turn.run();
      if (classified.kind === 'tick') await sweep();
    } finally {
      turn.end();
    }
    return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** @returns whether the message can be forgotten */
async function take(record: QueueRecord, turn: TrainerTurn, work: TrainerWork): Promise<boolean> {
  try {
    const message = parseTrainingMessage(record.body);
    if (message.kind === 'job') turn.add(message.job);
    if (message.kind === 'objects') {
      const datasets = message.objects.flatMap((object) => work.datasetOf(object) ?? []);
      const distinct = new Map(datasets.map((each) => [`${each.client}/${each.dataset}`, each]));
      for (const dataset of distinct.values()) await work.retrain(dataset);
    }
    return true;
  } catch (error) {
    work.logger.error({ err: error, messageId: record.messageId }, 'a message was not taken');
    return false;
  }
}
