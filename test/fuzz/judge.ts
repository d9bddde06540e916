import { Ajv, type ValidateFunction } from 'ajv';
import { PROBLEM_TYPE } from '../../src/api/problem.js';
import { ERRORS } from '../../src/core/errors.js';
import type { Content, Operation } from './document.js';
import { type Answer, type FuzzRequest, jsonOf, typeOf } from './exchange.js';

const NO_ROUTE = new Set(['route_not_found', 'method_not_allowed']);

/** Tells whether an answer is one that the document allows. */
export class Judge {
  private readonly ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
  private readonly validators = new Map<object, ValidateFunction>();

  constructor(private readonly operations: readonly Operation[]) {}

  /** @returns what is wrong with an answer; undefined when nothing is */
  faultOf(operation: Operation | undefined, request: FuzzRequest, answer: Answer) {
    const { status } = answer;
    if (status >= 500) return `answered ${status}: ${answer.body.toString().slice(0, 500)}`;
    if (answer.headers['x-request-id'] === undefined) return 'has no x-request-id';
    const isHead = request.method === 'HEAD';
    if (isHead && answer.body.length > 0) return 'HEAD has a body';
    const fault = status >= 400 && !isHead ? faultOfProblem(answer) : undefined;
    if (fault !== undefined) return fault;
    if (
      status >= 400 &&
      isNoRoute(answer, isHead) &&
      mayMiss(request, this.asked(operation, request))
    )
      return undefined;
    const asked = this.asked(operation, request);
    if (!asked)
      return status < 400 || isHead || mayMiss(request, asked) ? undefined : strange(answer);
    return this.faultOfDescribed(asked, answer, isHead);
  }

  /** The operation that a request comes to, which its method decides. */
  private asked(operation: Operation | undefined, { method }: FuzzRequest): Operation | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    if (!operation || operation.method === wanted) return operation;
    return this.operations.find((each) => each.path === operation.path && each.method === wanted);
  }

  private faultOfDescribed({ responses }: Operation, answer: Answer, isHead: boolean) {
    const { status, body } = answer;
    const described = responses[status];
    if (!described) return `${strange(answer)}, which is not documented`;
    if (isHead) return undefined;
    if (!described.content) return body.length > 0 ? `answered ${status} with a body` : undefined;
    return this.faultOfContent(described.content, answer);
  }

  private faultOfContent(content: Content, answer: Answer): string | undefined {
    const type = typeOf(answer);
    const schema = content[type]?.schema;
    if (!schema) return `answered ${answer.status} as "${type}", which is not documented`;
    const value = /^application\/(.+\+)?json$/.test(type) ? jsonOf(answer) : answer.body.toString();
    const validate = this.validators.get(schema) ?? this.ajv.compile(schema);
    this.validators.set(schema, validate);
    if (validate(value)) return undefined;
    const told = this.ajv.errorsText(validate.errors);
    return `answered ${answer.status} outside its schema: ${told}: ${answer.body.toString().slice(0, 500)}`;
  }
}

const strange = (answer: Answer): string =>
  `answered ${answer.status} ${answer.body.toString().slice(0, 300)}`;

/** What is wrong with an error's body; undefined when it is a problem of the table. */
function faultOfProblem(answer: Answer): string | undefined {
  if (typeOf(answer) !== PROBLEM_TYPE)
    return `answered ${answer.status} as "${typeOf(answer)}", which is no problem: ${answer.body.toString().slice(0, 300)}`;
  const { code, status } = Object(jsonOf(answer)) as { code?: string; status?: number };
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return `has a code of its own: ${code}`;
  const due = ERRORS[code as keyof typeof ERRORS].status;
  if (status !== answer.status || due !== answer.status)
    return `answered ${answer.status} with the problem ${code} of ${status}; the table has ${due}`;
  return undefined;
}

const isNoRoute = (answer: Answer, isHead: boolean): boolean =>
  isHead
    ? answer.status === 404 || answer.status === 405
    : NO_ROUTE.has(String(Object(jsonOf(answer)).code));

/** Whether there may be no route: not of this method, or not of a path whose parameter is empty. */
function mayMiss({ path }: FuzzRequest, asked: Operation | undefined): boolean {
  if (!asked) return true;
  const segments = path.split('?', 1)[0]!.split('/').slice(1);
  return segments.includes('');
}
