import { type Static, Type } from 'typebox';
import { type Page, pageOf, pageQuery } from '../api/page.js';
import { ERRORS, type ErrorCode } from '../core/errors.js';
import { JOB_KINDS, JOB_STATES, type Job, type JobKind, type JobState } from './job.js';

const Moment = Type.String({ description: 'ISO 8601.' });
const Kind = Type.Unsafe<JobKind>({ type: 'string', enum: [...JOB_KINDS] });
const State = Type.Unsafe<JobState>({ type: 'string', enum: [...JOB_STATES] });

/** A job as everybody may see it. */
export const ShownJob = Type.Object({
  id: Type.String(),
  kind: Kind,
  model: Type.String(),
  order: Type.Unknown({ description: 'What is to be done, as its kind has it.' }),
  state: State,
  cancelRequested: Type.Optional(
    Type.Boolean({ description: 'It is running, and somebody wants it to stop.' }),
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
  result: Type.Optional(Type.Unknown({ description: 'What came of it, once it succeeded.' })),
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

export const JobQuery = Type.Object(
  {
    model: Type.Optional(Type.String({ maxLength: 200 })),
    kind: Type.Optional(Kind),
    state: Type.Optional(State),
    ...pageQuery('^[0-9a-f-]{36}$').properties,
  },
  { additionalProperties: false },
);
export type JobQuery = Static<typeof JobQuery>;

/** A job without what only those who work on it need; whose it is knows who asks. */
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
