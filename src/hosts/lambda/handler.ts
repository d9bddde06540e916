import awsLambdaFastify from '@fastify/aws-lambda';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { FastifyInstance } from 'fastify';
import { type Problem, toProblem } from '../../api/problem.js';
import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import { identityOf, invokers } from './callers.js';
import { type ApiEvent, classifyEvent } from './events.js';
import { fromLoadBalancer, isLoadBalancer, toLoadBalancer } from './load-balancer.js';

/** Answers one event of the function. */
export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** An error that fails a direct invocation, with the code of the problem as its error type. */
class DirectInvocationError extends Error {
  constructor(private readonly problem: Problem) {
    super(JSON.stringify(problem));
    this.name = problem.code;
  }

  /** Returns the error for the log of AWS' runtime client; the invoker gets the whole problem. */
  toJSON(): object {
    const { code, status, instance } = this.problem;
    return { errorType: code, status, instance };
  }
}

/**
 * Creates the handler of API Gateway events and direct invocations. A direct invocation returns predictions, or a problem
 * for a fault of the caller.
 */
export function createHandler(app: FastifyInstance): Handler {
  const answerGateway = awsLambdaFastify<APIGatewayProxyEvent>(app, {
    decorateRequest: false,
    parseCommaSeparatedQueryParams: false,
    // All other answers are text.
    binaryMimeTypes: ['image/png', 'image/x-icon'],
  });

  return async (event, context) => {
    const classified = classifyEvent(event);
    if (classified.kind === 'gateway') {
      const { event: sent } = classified;
      const invoker = { kind: 'gateway', identity: identityOf(sent) } as const;
      return invokers.run(invoker, async () =>
        isLoadBalancer(sent)
          ? toLoadBalancer(sent, await answerGateway(fromLoadBalancer(sent), context))
          : answerGateway(sent as APIGatewayProxyEvent, context),
      );
    }
    return invokers.run({ kind: 'direct' }, () => answerDirect(app, classified));
  };
}

/** Returns faults of the caller as answers: a failed invocation counts as an error of the function and fires its alarm. */
async function answerDirect(
  app: FastifyInstance,
  { model, instances }: Extract<ApiEvent, { kind: 'direct' }>,
): Promise<unknown> {
  if (typeof model !== 'string' || model === '') {
    const message = 'must be the name of a model';
    const faults = [{ field: 'model', code: 'invalid', message }];
    return toProblem(new LapidaryError('invalid_request', `model: ${message}`, faults), uuidv7());
  }
  const answer = await app.inject({
    method: 'POST',
    url: `/models/${encodeURIComponent(model)}/predictions`,
    payload: { instances },
  });
  if (answer.statusCode >= 500) throw new DirectInvocationError(answer.json<Problem>());
  return answer.json();
}
