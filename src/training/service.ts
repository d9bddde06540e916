import { type Agenda, NO_AGENDA } from '../chores/port.js';
import { defined } from '../core/defined.js';
import { LapidaryError } from '../core/errors.js';
import type { DatasetService } from '../datasets/service.js';
import { jobOf } from '../jobs/index.js';
import { isOpen, type Job } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import { requireName } from '../ml/parse-spec.js';
import { modelNotFound } from '../registry/index.js';
import type { VersionService } from '../registry/service.js';
import type { CsvSource, DataSource } from '../rows/source.js';
import { noteTrainings } from './chores.js';
import { fault, fitSpec } from './fit-spec.js';
import { TRAINING } from './order.js';
import type { ModelDefinitions } from './port.js';
import type { FitRequest } from './schema.js';

/** Fits models to datasets, and removes models. */
export class FittingService {
  constructor(
    private readonly definitions: ModelDefinitions,
    private readonly datasets: DatasetService,
    private readonly versions: VersionService,
    private readonly jobs: Pick<JobService, 'submit' | 'makeRoom' | 'listOpen' | 'cancel'>,
    private readonly agenda: Agenda = NO_AGENDA,
  ) {}

  /**
   * Defines a model on a dataset, replacing its definition, and submits its training. Definition and job are stored when
   * this resolves.
   * @throws LapidaryError `invalid_spec`, `dataset_not_found`, `invalid_dataset`, naming the invalid field;
   *   `model_shared`, `too_many_jobs`
   */
  async fit(model: string, request: FitRequest): Promise<Job> {
    requireName(model, 'invalid_spec');
    await this.versions.requireOwn(model);
    const { dataset, search, gate, follow = true } = request;
    const { definition, source } = await this.open(dataset);
    const { spec, remarks } = await fitSpec(model, request, definition, source);
    await this.jobs.makeRoom();
    await noteTrainings(this.agenda, dataset);
    await this.definitions.define(spec, dataset, { follow, ...defined({ gate }) });
    const details = { ...defined({ search }), ...(remarks.length > 0 && { remarks }) };
    return this.jobs.submit(jobOf(TRAINING, model, { reason: 'fit', ...details }));
  }

  /**
   * Removes a model: its definition, then its training jobs, aliases and versions, but not its dataset.
   * @throws LapidaryError `model_not_found`, `model_shared`; `model_protected` if it is defined by files
   */
  async remove(model: string): Promise<void> {
    await this.versions.requireOwn(model);
    const wasDefined = await this.definitions.remove(model);
    for (const job of await this.jobs.listOpen()) {
      if (job.kind === TRAINING.kind && job.model === model && isOpen(job))
        await this.jobs.cancel(job.id);
    }
    const hadVersions = await this.versions.removeModel(model);
    if (!wasDefined && !hadVersions) throw modelNotFound(model);
  }

  private async open(dataset: string) {
    try {
      const { definition, totals } = await this.datasets.describe(dataset, { limit: 1 });
      if (totals.rows === 0)
        throw fault('/dataset', `dataset "${dataset}" has no rows yet`, 'invalid_dataset');
      const source = await this.datasets.openDataset({ dataset });
      return { definition, source: source as DataSource & CsvSource };
    } catch (error) {
      if (error instanceof LapidaryError && error.code === 'dataset_not_found')
        throw fault('/dataset', error.message, 'dataset_not_found');
      throw error;
    }
  }
}
