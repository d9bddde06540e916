import type { Job } from '../../jobs/port.js';
import { showJob } from '../../jobs/schema.js';
import { print, printJson } from './output.js';

/** Prints a job. */
export function printJob(job: Job, json: boolean): void {
  if (json) {
    printJson(showJob(job));
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

/** Returns the state of a job with its progress. */
export function stateOf({ state, cancelRequested, progress }: Job): string {
  if (state !== 'running') return state;
  if (cancelRequested) return 'running, cancellation requested';
  return progress ? `running, ${Math.floor(progress.fraction * 100)}%` : state;
}

export const timeOf = (moment: string) => moment.slice(0, 19).replace('T', ' ');
