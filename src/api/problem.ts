import type { Static } from 'typebox';
import * as Type from 'typebox';
import { ERRORS, type ErrorCode, LapidaryError } from '../core/errors.js';

const Fault = Type.Object({
  instance: Type.Optional(Type.Integer({ description: '0-based index of the instance at fault.' })),
  field: Type.Optional(Type.String()),
  code: Type.String(),
  message: Type.String(),
  allowed: Type.Optional(
    Type.Array(Type.String(), { description: 'Allowed values, at most 100.' }),
  ),
});

/** Error as RFC 9457 problem details. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(ERRORS) }),
  detail: Type.String(),
  instance: Type.String({ description: 'The occurrence of the problem: the id of the request.' }),
  errors: Type.Optional(Type.Array(Fault, { description: 'Faults in the input.' })),
});
export type Problem = Static<typeof Problem>;

export const PROBLEM_TYPE = 'application/problem+json';

/** Describes an error as problem details. Details of a bug are left to the log. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = error instanceof LapidaryError ? error : undefined;
  const code = known?.code ?? 'internal';
  return {
    type: `urn:lapidary:problem:${code}`,
    title: ERRORS[code].title,
    status: ERRORS[code].status,
    code,
    detail: known?.message ?? `Quote request ${requestId} when you report this.`,
    instance: `urn:request:${requestId}`,
    ...(known && known.faults.length > 0 && { errors: known.faults.map(shown) }),
  };
}

/** Maximum allowed values in a fault: a hundred faults could each list thousands. */
const MOST_ALLOWED = 100;

function shown(fault: LapidaryError['faults'][number]): Static<typeof Fault> {
  const { allowed, ...rest } = fault;
  return { ...rest, ...(allowed && { allowed: allowed.slice(0, MOST_ALLOWED) }) };
}

/** Returns the response schemas of these error statuses, and of 500. */
export function problemResponses(...statuses: readonly number[]): Record<number, object> {
  return Object.fromEntries(
    [...statuses, 500].map((status) => [
      status,
      {
        description:
          Object.values(ERRORS).find((error) => error.status === status)?.title ?? 'Error',
        content: { [PROBLEM_TYPE]: { schema: Problem } },
      },
    ]),
  );
}
