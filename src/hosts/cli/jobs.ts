import { table } from '../../cards/index.js';
import type { Job, JobFilter } from '../../jobs/port.js';
import { showJob, showJobs } from '../../jobs/schema.js';
import type { JobService } from '../../jobs/service.js';
import { allPages } from './all-pages.js';
import { print } from './output.js';

export interface JobListOptions extends JobFilter {
  limit: number;
  json?: true;
}

/** Lists jobs, newest first. @param place where they are stored */
export async function listJobs(
  jobs: JobService,
  place: string,
  { limit, json, ...filter }: JobListOptions,
): Promise<void> {
  const page = await jobs.list(filter, { limit });
  if (json) return print(JSON.stringify(showJobs(page), null, 2));
  if (page.items.length === 0) {
    const wanted = Object.entries(filter).map(([name, value]) => ` of ${name} ${value}`);
    return print(`No jobs${wanted.join('')} in ${place}`);
  }
  const rows = page.items.map((job) => [
    job.id,
    job.kind,
    job.model,
    stateOf(job),
    timeOf(job.submittedAt),
  ]);
  print(table([['job', 'kind', 'model', 'state', 'submitted'], ...rows]));
}

/** Prints a job. */
export function printJob(job: Job, json: boolean): void {
  if (json) {
    print(JSON.stringify(showJob(job), null, 2));
    return;
  }
  const { progress, metrics, result, error } = job;
  const facts: [string, string | undefined][] = [
    ['job', job.id],
    ['kind', job.kind],
    ['model', job.model],
    ['part of', job.parent],
    ['state', stateOf(job)],
    ['doing', job.state === 'running' ? progress?.phase : undefined],
    ['measured', metrics && JSON.stringify(metrics)],
    ['result', result === undefined ? undefined : JSON.stringify(result)],
    ['error', error && `${error.code}: ${error.detail}`],
    ['submitted', timeOf(job.submittedAt)],
    ['started', job.startedAt && timeOf(job.startedAt)],
    ['ended', job.endedAt && timeOf(job.endedAt)],
  ];
  for (const [name, fact] of facts) if (fact !== undefined) print(`${name.padEnd(10)}${fact}`);
}

/** Prints the log of a job. */
export async function printLog(jobs: JobService, id: string, json: boolean): Promise<void> {
  for (const line of await allPages((page) => jobs.log(id, page)))
    print(json ? JSON.stringify(line) : `${line.at} ${line.message}`);
}

/** Returns the state of a job with its progress. */
export function stateOf({ state, cancelRequested, progress }: Job): string {
  if (state !== 'running') return state;
  if (cancelRequested) return 'running, cancellation requested';
  return progress ? `running, ${Math.floor(progress.fraction * 100)}%` : state;
}

const timeOf = (moment: string) => moment.slice(0, 19).replace('T', ' ');
