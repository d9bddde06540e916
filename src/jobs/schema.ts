import { type Static, Type } from 'typebox';
import { type Page, pageOf, pageQuery } from '../api/page.js';
import { ERRORS, type ErrorCode } from '../core/errors.js';
import { JOB_STATES, type Job, type JobState } from './port.js';

const Moment = Type.String({ description: 'ISO 8601.' });
const ID = '^[0-9a-f-]{36}$';
const State = Type.Unsafe<JobState>({ type: 'string', enum: [...JOB_STATES] });

/** A job as clients see it. */
export const ShownJob = Type.Object({
  id: Type.String(),
  kind: Type.String({ description: 'One of those that the list of jobs filters by.' }),
  model: Type.String(),
  order: Type.Unknown({ description: 'What is to be done; its kind has the schema.' }),
  parent: Type.Optional(Type.String({ description: 'Id of the job that this one is a part of.' })),
  state: State,
  cancelRequested: Type.Optional(
    Type.Boolean({ description: 'It is running, and will be cancelled.' }),
  ),
  attempts: Type.Integer({ description: 'How often it was begun.' }),
  progress: Type.Optional(
    Type.Object({
      phase: Type.String(),
      fraction: Type.Number({ minimum: 0, maximum: 1, description: 'The part that is done.' }),
    }),
  ),
  metrics: Type.Optional(
    Type.Record(Type.String(), Type.Number(), { description: 'What was measured so far.' }),
  ),
  result: Type.Optional(Type.Unknown({ description: 'The result, once it succeeded.' })),
  error: Type.Optional(
    Type.Object(
      {
        code: Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(ERRORS) }),
        detail: Type.String(),
      },
      { description: 'Why it failed.' },
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

/** Filters of the list of jobs. @param kinds rows of the table */
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

/** Returns a job without what only workers need. */
export function showJob({
  client: _client,
  lane: _lane,
  revision: _revision,
  ...job
}: Job): ShownJob {
  const { cancelRequested, ...shown } = job;
  return { ...shown, ...(cancelRequested && job.state === 'running' && { cancelRequested }) };
}

/** Returns jobs as {@link JobList} shows them. */
export const showJobs = ({ items, ...rest }: Page<Job>) => ({ items: items.map(showJob), ...rest });
