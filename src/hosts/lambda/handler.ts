import awsLambdaFastify from '@fastify/aws-lambda';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import type { FastifyInstance } from 'fastify';
import type { Problem } from '../../core/problem.js';
import { identityOf, invokers } from './callers.js';
import { classifyEvent } from './events.js';
import { fromLoadBalancer, isLoadBalancer, toLoadBalancer } from './load-balancer.js';

/** Answers one event of the function. */
export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Why a direct invocation failed: the invocation fails with the problem's code as its error type. */
class DirectInvocationError extends Error {
  constructor(private readonly problem: Problem) {
    super(JSON.stringify(problem));
    this.name = problem.code;
  }

  /** What AWS' runtime client logs: the invoker is told more, such as the value that was wrong. */
  toJSON(): object {
    const { code, status, instance, errors } = this.problem;
    const faults = errors?.map((fault) => ({ field: fault.field, code: fault.code }));
    return { errorType: code, status, instance, ...(faults && { faults }) };
  }
}

/** The function that answers API Gateway events and direct invocations with the app. */
export function createHandler(app: FastifyInstance): Handler {
  const answerGateway = awsLambdaFastify<APIGatewayProxyEvent>(app, {
    decorateRequest: false,
    parseCommaSeparatedQueryParams: false,
    // Of what we answer, only the documentation's pictures are not text.
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
    const answer = await invokers.run({ kind: 'direct' }, async () =>
      app.inject({
        method: 'POST',
        url: `/models/${encodeURIComponent(classified.model)}/predictions`,
        payload: { instances: classified.instances },
      }),
    );
    if (answer.statusCode !== 200) throw new DirectInvocationError(answer.json<Problem>());
    return answer.json();
  };
}
