import type { JobContext } from '../jobs/port.js';
import { headlineOf } from '../ml/metrics/metrics.js';
import { sum } from '../ml/statistics.js';
import type { TrainedCard } from '../registry/index.js';
import type { VersionEvent } from './version-maker.js';

type Epoch = Extract<VersionEvent, { event: 'epoch' }>;

/** The share of the work that is done when a phase begins. */
const READ = 0.05;
const SCORE = 0.9;
const GATE = 0.95;
/** Share of the time between reading and scoring that a search takes. */
const SEARCH_SHARE = 0.6;

/** Number of log lines per member. */
const LINES = 10;

/** Reports the progress of a training to its job. */
export class TrainingProgress {
  private readonly members = new Map<number, Epoch>();
  private readonly trainFrom: number;

  constructor(
    private readonly context: JobContext,
    searches: boolean,
  ) {
    this.trainFrom = searches ? READ + SEARCH_SHARE * (SCORE - READ) : READ;
    context.progress({ phase: 'read', fraction: 0 });
  }

  record(event: VersionEvent): void {
    switch (event.event) {
      case 'read': {
        const { origin, trainingRows, testRows, remarks } = event;
        for (const remark of remarks) this.context.log(`${origin}: ${remark}`);
        this.context.log(`${origin}: ${trainingRows} rows to train on, ${testRows} held out`);
        this.context.progress({ phase: 'encode', fraction: READ / 2 });
        return;
      }
      case 'trial': {
        const { trial, hyperparameters, epochs, validation } = event.trial;
        const tried = JSON.stringify(hyperparameters);
        this.context.log(`trial ${trial}, ${epochs} epochs: validation ${validation}, ${tried}`);
        const fraction = READ + event.fraction * (this.trainFrom - READ);
        this.context.progress({ phase: 'search', fraction });
        return;
      }
      case 'epoch':
        this.recordEpoch(event);
        return;
      case 'trained':
        this.context.progress({ phase: 'score', fraction: SCORE });
    }
  }

  /** Logs a published version. */
  kept(version: string, { metrics, remarks = [], fallback }: TrainedCard): void {
    const { metric, value } = headlineOf(metrics.test);
    this.context.metrics({ [metric]: value });
    this.context.log(`version ${version}: ${metric} ${value} on held-out rows`);
    for (const remark of remarks) this.context.log(remark);
    if (fallback !== undefined)
      this.context.log(`TensorFlow.js serves it instead of the compiled plan: ${fallback}`);
  }

  judging(): void {
    this.context.progress({ phase: 'gate', fraction: GATE });
  }

  private recordEpoch(event: Epoch): void {
    this.members.set(event.member, event);
    this.logEpoch(event);
    const epochs = [...this.members.values()];
    const total = (of: (epoch: Epoch) => number) => sum(epochs.map(of));
    const done = total(({ epoch, epochs, ended }) => (ended ? 1 : epoch / epochs)) / event.members;
    const fraction = this.trainFrom + done * (SCORE - this.trainFrom);
    this.context.progress({ phase: 'train', fraction });
    this.context.metrics({
      loss: total(({ loss }) => loss) / epochs.length,
      validation: total(({ validation }) => validation) / epochs.length,
    });
  }

  private logEpoch({ member, epoch, epochs, ended, loss, validation }: Epoch): void {
    const part = (after: number) => Math.floor((after * LINES) / epochs);
    if (epoch > 1 && !ended && part(epoch) === part(epoch - 1)) return;
    const what = ended && epoch < epochs ? `stopped after epoch ${epoch} of` : `epoch ${epoch} of`;
    this.context.log(
      `member ${member + 1} ${what} ${epochs}: loss ${rounded(loss)}, validation ${rounded(validation)}`,
    );
  }
}

const rounded = (value: number) => Number(value.toPrecision(4));
