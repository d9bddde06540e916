import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the function pretends to be. */
export const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
/** Lambda's limit on a synchronous invocation's request and on its answer. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const NEXT = '/2018-06-01/runtime/invocation/next';
const INIT_ERROR = '/2018-06-01/runtime/init/error';
const OUTCOME = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** What an invocation came to, as the Invoke API tells it. */
export interface InvocationResult {
  /** The JSON text of the answer, or of the error. */
  payload: string;
  functionError?: 'Unhandled';
}

interface Invocation {
  id: string;
  functionName: string;
  payload: string;
  settle: (result: InvocationResult) => void;
}

/**
 * Lambda's Runtime API, and the Invoke API in front of it. As in Lambda, one instance of the function
 * has one event at a time; further invocations wait.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #timeoutMs: number;
  readonly #queue: Invocation[] = [];
  readonly #running = new Map<string, Invocation>();
  #poll: ServerResponse | undefined;
  #broken: InvocationResult | undefined;

  private constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#server = createServer((request, response) => void this.#route(request, response));
    this.#server.requestTimeout = 0;
  }

  /** Starts on a free port of the loopback interface. */
  static async start({ timeoutMs = 30_000 } = {}): Promise<RuntimeApi> {
    const api = new RuntimeApi(timeoutMs);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** `host:port`, as AWS_LAMBDA_RUNTIME_API has it. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Invokes the function and waits for its outcome. */
  invoke(payload: string, functionName = 'lapidary'): Promise<InvocationResult> {
    if (this.#broken !== undefined) return Promise.resolve(this.#broken);
    return new Promise((resolve) => {
      const id = randomUUID();
      const late = setTimeout(() => {
        settle(failure('Sandbox.Timedout', `RequestId: ${id} Error: Task timed out`));
      }, this.#timeoutMs);
      const settle = (result: InvocationResult): void => {
        clearTimeout(late);
        this.#running.delete(id);
        resolve(result);
      };
      this.#queue.push({ id, functionName, payload, settle });
      this.#deliver();
    });
  }

  /** Fails what waits and whatever comes later: the function's process is gone, or did not start. */
  fail(result: InvocationResult): void {
    this.#broken = result;
    for (const { settle } of [...this.#queue.splice(0), ...this.#running.values()]) settle(result);
  }

  /** Stops listening and drops open polls. */
  async close(): Promise<void> {
    this.fail(failure('Runtime.ExitError', 'the function was stopped'));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://lambda').pathname;
    const body = await readBody(request);
    const [, id, outcome] = OUTCOME.exec(path) ?? [];
    const [, functionName] = INVOKE.exec(path) ?? [];
    if (request.method === 'GET' && path === NEXT) {
      response.on('close', () => {
        if (this.#poll === response) this.#poll = undefined;
      });
      this.#poll = response;
      this.#deliver();
    } else if (request.method !== 'POST') {
      send(response, 404, { message: `no such operation: ${request.method} ${path}` });
    } else if (path === INIT_ERROR) {
      this.fail({ payload: body, functionError: 'Unhandled' });
      send(response, 202, { status: 'OK' });
    } else if (id !== undefined) {
      this.#finish(id, outcome === 'error', body, response);
    } else if (functionName !== undefined) {
      await this.#invokeOverHttp(decodeURIComponent(functionName), body, request, response);
    } else {
      send(response, 404, { message: `no such operation: ${path}` });
    }
  }

  #deliver(): void {
    if (this.#poll === undefined || this.#running.size > 0) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#running.set(next.id, next);
    const response = this.#poll;
    this.#poll = undefined;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': next.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + this.#timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${next.functionName}`,
      'Lambda-Runtime-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
    });
    response.end(next.payload);
  }

  #finish(id: string, failed: boolean, body: string, response: ServerResponse): void {
    const invocation = this.#running.get(id);
    if (invocation === undefined) {
      send(response, 400, { errorMessage: 'no such request', errorType: 'InvalidRequestID' });
    } else if (Buffer.byteLength(body) > PAYLOAD_BYTES) {
      const message = `Response payload size exceeded maximum allowed payload size (${PAYLOAD_BYTES} bytes).`;
      invocation.settle(failure('Function.ResponseSizeTooLarge', message));
      send(response, 413, { errorMessage: message, errorType: 'RequestEntityTooLarge' });
    } else {
      invocation.settle(failed ? { payload: body, functionError: 'Unhandled' } : { payload: body });
      send(response, 202, { status: 'OK' });
    }
  }

  async #invokeOverHttp(
    functionName: string,
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (Buffer.byteLength(body) > PAYLOAD_BYTES) {
      response.setHeader('x-amzn-ErrorType', 'RequestTooLargeException');
      send(response, 413, { Type: 'User', message: `more than ${PAYLOAD_BYTES} bytes` });
      return;
    }
    if (type === 'DryRun') {
      response.writeHead(204).end();
      return;
    }
    const invocation = this.invoke(body === '' ? '{}' : body, functionName);
    if (type === 'Event') {
      response.writeHead(202).end();
      return;
    }
    const { payload, functionError } = await invocation;
    response.setHeader('X-Amz-Executed-Version', '$LATEST');
    if (functionError !== undefined) response.setHeader('X-Amz-Function-Error', functionError);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(payload);
  }
}

/** How Lambda tells of an invocation that failed for a reason of its own. */
export function failure(errorType: string, errorMessage: string): InvocationResult {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: 'Unhandled' };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
