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

/** Number of jobs of a model to search for its last training. */
const JOBS_SEARCHED = 20;

/** Submits trainings of models when their datasets grow. */
export class Follower {
  constructor(
    private readonly definitions: ModelDefinitions,
    private readonly versions: Pick<VersionService, 'records'>,
    private readonly jobs: Pick<JobService, 'submit' | 'list' | 'listOpen'>,
  ) {}

  /**
   * Submits a training of each model that follows a dataset, unless one is queued, which will read the new data. A
   * running one may have read the old data.
   * @returns the submitted jobs
   */
  async onBatch(dataset: string): Promise<Job[]> {
    return this.submit((await this.followers(dataset)).map(({ model }) => model));
  }

  /**
   * Submits missed trainings, as after a crash between a batch and its job: for each model with neither a version nor a
   * last job of the current dataset.
   * @param dataset that the models follow; any if left out
   */
  async reconcile(dataset?: string): Promise<Job[]> {
    const behind: string[] = [];
    for (const { model, definition } of await this.followers(dataset))
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

  /** Skips a model that cannot be read; it does not affect others. */
  private async followers(
    dataset: string | undefined,
  ): Promise<{ model: string; definition: ModelDefinition }[]> {
    const found: { model: string; definition: ModelDefinition }[] = [];
    for (const model of await this.definitions.list()) {
      const definition = await orUndefined(this.definitions.readDefinition(model));
      if (definition?.follow && definition.dataset === (dataset ?? definition.dataset))
        found.push({ model, definition });
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
   * Returns whether the last finished job was for the same data. It may have made an existing version, or have failed; a
   * failed one is not repeated until something changes.
   */
  private async wasTried(model: string, spec: TrainableSpec, data: LineageData, changedAt: string) {
    const filter = { model, kind: TRAINING.kind };
    const { items } = await this.jobs.list(filter, { limit: JOBS_SEARCHED });
    const last = items.find(({ endedAt }) => endedAt !== undefined);
    if (last?.state === 'succeeded') return isUpToDate(resultOf(last)?.lineage, spec, data);
    const began = last?.state === 'failed' ? last.startedAt : last?.endedAt;
    return began !== undefined && began > changedAt;
  }
}

/** Returns undefined in place of a {@link LapidaryError}. */
async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: unknown) => {
    if (error instanceof LapidaryError) return undefined;
    throw error;
  });
}
