import { type Job, type JobContext, withContext } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import { parseSpec } from '../ml/parse-spec.js';
import type { TrainableSpec } from '../ml/spec.js';
import type { Lineage, VersionRecord } from '../registry/index.js';
import type { VersionService } from '../registry/service.js';
import type { DataSource } from '../rows/source.js';
import type { ServingService } from '../serving/service.js';
import { QualityGate } from './gate.js';
import { dataOf, isSameLineage, lineageOf, specChecksum } from './lineage.js';
import { type Material, readMaterial } from './material.js';
import { resultOf, TRAINING, type TrainingOrder, type TrainingResult } from './order.js';
import type { ModelDefinition, ModelDefinitions } from './port.js';
import { TrainingProgress } from './progress.js';
import type { SearchOrder } from './search/search.js';
import { withinTime } from './time-limit.js';
import type { VersionEvent, VersionMaker } from './version-maker.js';

/** Services and limits of training jobs. */
export interface TrainingWork {
  definitions: ModelDefinitions;
  registry: ServingService;
  versions: VersionService;
  maker: VersionMaker;
  jobs: Pick<JobService, 'list'>;
  /** Time limit of a training. */
  mostSeconds: number;
}

/** Jobs of a model that are searched for an earlier decision of the gate. */
const JOBS_SEARCHED = 1000;
const DEFAULT_SEED = 1;

/**
 * Trains a model on its current data, stores the version, and lets the gate decide whether it becomes the champion. A
 * restart after a crash continues: a stored version is not trained again, but judged if it was not.
 * @throws LapidaryError `job_too_long`, and the errors of reading and training
 */
export function train(
  work: TrainingWork,
  job: Job<TrainingOrder>,
  context: JobContext,
): Promise<TrainingResult> {
  return withinTime(
    work.mostSeconds,
    (signal) => new TrainingAttempt(work, job, withContext(context, { signal })).run(),
    context.signal,
  );
}

/** A model and its data at the start of the job. */
interface Found {
  definition: ModelDefinition;
  spec: TrainableSpec;
  source: DataSource;
  lineage: Lineage;
  /** Defined if the data had to be read for its lineage. */
  material?: Material;
}

class TrainingAttempt {
  private readonly progress: TrainingProgress;

  constructor(
    private readonly work: TrainingWork,
    private readonly job: Job<TrainingOrder>,
    private readonly context: JobContext,
  ) {
    this.progress = new TrainingProgress(context, job.order.search !== undefined);
  }

  async run(): Promise<TrainingResult> {
    for (const remark of this.job.order.remarks ?? []) this.context.log(remark);
    const found = await this.find();
    const records = await this.work.versions.records(this.job.model);
    const made = records.find(({ card }) => isSameLineage(card.lineage, found.lineage));
    if (!made) return this.judge(found, await this.train(found, records));
    const { id: version } = made;
    if (!(await this.wasJudged(version))) return this.judge(found, { version });
    this.context.log(`version ${version} has the same data and spec: nothing to do`);
    return { outcome: 'unchanged', version, lineage: found.lineage };
  }

  private async find(): Promise<Found> {
    const { definitions } = this.work;
    const definition = await definitions.readDefinition(this.job.model);
    const spec = parseSpec(definition.spec);
    const source = await definition.openData();
    const search = this.searchOrder();
    const known = dataOf(source);
    if (known) return { definition, spec, source, lineage: lineageOf(spec, known, search) };
    const material = await readMaterial(spec, source, this.context.signal);
    const lineage = lineageOf(spec, material.data, search);
    return { definition, spec, source, lineage, material };
  }

  private async train(found: Found, records: readonly VersionRecord[]) {
    const { maker, versions, definitions } = this.work;
    const { signal } = this.context;
    const material = found.material ?? (await readMaterial(found.spec, found.source, signal));
    const search = this.searchOrder();
    const tuned = search ? undefined : tunedSpec(found.spec, records);
    const onEvent = (event: VersionEvent) => this.progress.record(event);
    const content = await maker.make(material, { signal, search, tuned, onEvent });
    signal.throwIfAborted();
    // A model that was removed meanwhile must not return.
    await definitions.readDefinition(this.job.model);
    const version = await versions.keep(content);
    this.progress.kept(version, content.card);
    const { search: tried } = content.card;
    return { version, ...(tried && { search: tried }) };
  }

  private async judge(
    { definition, source, lineage }: Found,
    { version, search }: Pick<TrainingResult, 'version' | 'search'>,
  ): Promise<TrainingResult> {
    const { registry, versions } = this.work;
    const gate = new QualityGate(registry, versions);
    this.progress.judging();
    const { outcome, decision } = await gate.judge(
      this.job.model,
      version,
      source,
      definition.gate?.tolerance,
      this.context.signal,
    );
    this.context.log(`version ${version} is ${outcome}: ${decision.reason}`);
    return { outcome, version, decision, lineage, ...(search && { search }) };
  }

  /** Returns whether a champion exists, and the version was one or was judged by an earlier job. */
  private async wasJudged(version: string): Promise<boolean> {
    const { versions, jobs } = this.work;
    const champions = await versions.championHistory(this.job.model);
    if (champions.at(-1) === undefined) return false;
    if (champions.includes(version)) return true;
    const filter = { model: this.job.model, kind: TRAINING.kind, state: 'succeeded' } as const;
    const { items } = await jobs.list(filter, { limit: JOBS_SEARCHED });
    return items.some((job) => resultOf(job)?.version === version);
  }

  private searchOrder(): SearchOrder | undefined {
    const { search } = this.job.order;
    return search && { trials: search.trials, seed: search.seed ?? DEFAULT_SEED };
  }
}

/** Returns the spec with the hyperparameters of its newest search; undefined without one. */
function tunedSpec(
  spec: TrainableSpec,
  records: readonly VersionRecord[],
): TrainableSpec | undefined {
  const checksum = specChecksum(spec);
  const searched = records
    .filter(({ card }) => card.lineage?.spec === checksum && card.lineage.search !== undefined)
    .sort((a, b) => (trainedAt(a) < trainedAt(b) ? 1 : -1));
  return searched[0]?.spec as TrainableSpec | undefined;
}

const trainedAt = ({ card }: VersionRecord) => card.training?.trainedAt ?? '';
