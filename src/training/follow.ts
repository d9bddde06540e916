import { LapidaryError } from '../core/errors.js';
import { jobOf } from '../jobs/index.js';
import type { Job } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import { parseSpec } from '../ml/parse-spec.js';
import type { TrainableSpec } from '../ml/spec.js';
import type { VersionService } from '../registry/service.js';
import { dataOf, isUpToDate, type LineageData } from './lineage.js';
import { resultOf, TRAINING } from './order.js';
import type { ModelDefinition, ModelDefinitions } from './port.js';

/** Jobs of a model that are looked through for what became of its newest data. */
const JOBS_LOOKED_AT = 20;

/** Has models trained again when their datasets grow. */
export class Follower {
  constructor(
    private readonly definitions: ModelDefinitions,
    private readonly versions: Pick<VersionService, 'records'>,
    private readonly jobs: Pick<JobService, 'submit' | 'list' | 'listOpen'>,
  ) {}

  /**
   * Submits a training of each model that follows a dataset, unless one is queued: that will read what is
   * there when it begins. One that runs does not count, for it may have read the data before.
   * @returns what was submitted
   */
  async onBatch(dataset: string): Promise<Job[]> {
    const followers = await this.followers();
    return this.submit(
      followers
        .filter(({ definition }) => definition.dataset === dataset)
        .map(({ model }) => model),
    );
  }

  /**
   * Submits what was forgotten, as when a crash came between a batch and its job: a training of each model
   * whose dataset is not what any of its versions, nor its last job, was made of.
   */
  async reconcile(): Promise<Job[]> {
    const behind: string[] = [];
    for (const { model, definition } of await this.followers())
      if (await this.isBehind(model, definition)) behind.push(model);
    return this.submit(behind);
  }

  private async submit(models: readonly string[]): Promise<Job[]> {
    if (models.length === 0) return [];
    const open = await this.jobs.listOpen();
    const queued = open.filter(({ kind, state }) => kind === TRAINING.kind && state === 'queued');
    const wanting = models.filter((model) => !queued.some((job) => job.model === model));
    return Promise.all(
      wanting.map((model) => this.jobs.submit(jobOf(TRAINING, model, { reason: 'arrival' }))),
    );
  }

  /** One that cannot be read follows nothing, and keeps no other from it. */
  private async followers(): Promise<{ model: string; definition: ModelDefinition }[]> {
    const found: { model: string; definition: ModelDefinition }[] = [];
    for (const model of await this.definitions.list()) {
      const definition = await orUndefined(this.definitions.readDefinition(model));
      if (definition?.follow) found.push({ model, definition });
    }
    return found;
  }

  private async isBehind(model: string, definition: ModelDefinition): Promise<boolean> {
    const read = async () => ({
      spec: parseSpec(definition.spec),
      source: await definition.openData(),
    });
    const opened = await orUndefined(read());
    if (!opened) return false;
    const { spec, source } = opened;
    const data = dataOf(source);
    if (!data?.rows) return false;
    const records = await this.versions.records(model);
    if (records.some(({ card }) => isUpToDate(card.lineage, spec, data))) return false;
    return !(await this.wasTried(model, spec, data, source.dataset!.changedAt!));
  }

  /**
   * Whether the last job to end was for this very data. It may have made a version that was there, or have
   * failed: what failed once is not tried again before something changes.
   */
  private async wasTried(model: string, spec: TrainableSpec, data: LineageData, changedAt: string) {
    const filter = { model, kind: TRAINING.kind };
    const { items } = await this.jobs.list(filter, { limit: JOBS_LOOKED_AT });
    const last = items.find(({ endedAt }) => endedAt !== undefined);
    if (last?.state === 'succeeded') return isUpToDate(resultOf(last)?.lineage, spec, data);
    const began = last?.state === 'failed' ? last.startedAt : last?.endedAt;
    return began !== undefined && began > changedAt;
  }
}

/** What {@link LapidaryError}s refuse is undefined. */
async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof LapidaryError) return undefined;
    throw error;
  });
}
