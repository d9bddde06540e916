import type { JobContext } from '../jobs/attempt.js';
import type { JobHandler } from '../jobs/worker.js';
import type { EpochProgress } from '../ml/trainer/trainer.js';
import type { TrainingService } from './service.js';

/** The part of the work that is training; the rest is reading and scoring. */
const TRAINING_SHARE = 0.9;

/** Trains the model of a job; what comes of it is the version. */
export function trainingHandler(training: Pick<TrainingService, 'train'>): JobHandler {
  return async ({ model }, context) => {
    const told = new Map<number, EpochProgress>();
    context.progress({ phase: 'reading', fraction: 0 });
    const version = await training.train(
      model,
      (event) => {
        if (event.event === 'read')
          context.log(`${event.trainingRows} rows to train on, ${event.testRows} held out`);
        else if (event.event === 'epoch') tellEpoch(context, told, event);
        else context.log(`version ${event.version} was published`);
      },
      context.signal,
    );
    return { version };
  };
}

function tellEpoch(
  context: JobContext,
  told: Map<number, EpochProgress>,
  epoch: EpochProgress & { members: number },
): void {
  told.set(epoch.member, epoch);
  const done = [...told.values()].reduce((sum, each) => sum + each.epoch / each.epochs, 0);
  context.progress({ phase: 'training', fraction: TRAINING_SHARE * (done / epoch.members) });
  context.metrics({ loss: epoch.loss, validation: epoch.validation });
}
