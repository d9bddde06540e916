import type { Static } from 'typebox';
import * as Type from 'typebox';
import { type Page, pageOf, pageQuery } from '../api/page.js';
import { ERRORS, type ErrorCode } from '../core/errors.js';
import { JOB_STATES, type Job, type JobState } from './port.js';

const Moment = Type.String({ description: 'ISO 8601, UTC.' });
const ID = '^[0-9a-f-]{36}$';
const State = Type.Unsafe<JobState>({ type: 'string', enum: [...JOB_STATES] });

/** A job in answers. */
export const ShownJob = Type.Object({
  id: Type.String({
    description: 'UUID: of version 7, or derived from the idempotency key of a request.',
  }),
  kind: Type.String({ description: 'A kind of job, as in the filter of the list.' }),
  model: Type.String(),
  order: Type.Unknown({ description: 'Parameters of the job; its kind determines their schema.' }),
  parent: Type.Optional(Type.String({ description: 'Id of the job that this one is a part of.' })),
  state: State,
  cancelRequested: Type.Optional(
    Type.Boolean({ description: 'The job is running and will be cancelled.' }),
  ),
  attempts: Type.Integer({
    description: 'How often it was started: when its worker dies, another one restarts it.',
  }),
  progress: Type.Optional(
    Type.Object({
      phase: Type.String(),
      fraction: Type.Number({ minimum: 0, maximum: 1, description: 'Completed share.' }),
    }),
  ),
  metrics: Type.Optional(
    Type.Record(Type.String(), Type.Number(), { description: 'Metrics so far.' }),
  ),
  result: Type.Optional(Type.Unknown({ description: 'Set when it succeeded.' })),
  error: Type.Optional(
    Type.Object(
      {
        code: Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(ERRORS) }),
        detail: Type.String(),
      },
      { description: 'Set when it failed.' },
    ),
  ),
  submittedAt: Moment,
  startedAt: Type.Optional(Moment),
  endedAt: Type.Optional(Moment),
});
export type ShownJob = Static<typeof ShownJob>;

export const JobList = pageOf(ShownJob, 'The newest first.');

export const JobLog = pageOf(
  Type.Object({ at: Moment, message: Type.String() }),
  'The oldest first.',
);

/** Returns the schema of the query of the list of jobs. @param kinds of jobs */
export const jobQuery = (kinds: readonly string[]) =>
  Type.Object(
    {
      model: Type.Optional(Type.String({ maxLength: 200 })),
      kind: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: [...kinds] })),
      state: Type.Optional(State),
      parent: Type.Optional(Type.String({ pattern: ID })),
      ...pageQuery(ID).properties,
    },
    { additionalProperties: false },
  );
export type JobQuery = Static<ReturnType<typeof jobQuery>>;

/** Returns a job without the fields that only workers need. */
export function showJob({
  client: _client,
  lane: _lane,
  revision: _revision,
  ...job
}: Job): ShownJob {
  const { cancelRequested, ...shown } = job;
  return { ...shown, ...(cancelRequested && job.state === 'running' && { cancelRequested }) };
}

/** Returns jobs as in {@link JobList}. */
export const showJobs = ({ items, ...rest }: Page<Job>) => ({ items: items.map(showJob), ...rest });
