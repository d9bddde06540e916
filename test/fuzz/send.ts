import { Agent, request as call } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Answer, FuzzRequest } from './exchange.js';

/** Far more than any answer takes: who waits longer waits for ever. */
export const HANG_MS = 30_000;
const HANG = 'hang';
/** What a URL would put right before it is sent. */
const DOTS = /\/(\.|%2e){1,2}(\/|\?|$)|^\/\//i;

/** Brings requests to an API, and its answers back. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(private readonly app: FastifyInstance) {}

  /** @returns undefined where the client did not wait for it @throws Error when there is none in time */
  async send(request: FuzzRequest): Promise<Answer | undefined> {
    const { promise, cancel } = afterHanging();
    const isInjected = request.transport === 'inject' && !DOTS.test(request.path);
    try {
      const answer = isInjected ? this.inject(request) : this.overSocket(request);
      const first = await Promise.race([answer, promise]);
      if (first === HANG) throw new Error(`no answer after ${HANG_MS / 1000} s`);
      return first;
    } finally {
      cancel();
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async inject({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
    const answer = await this.app.inject({
      method: method as 'GET',
      url: path,
      headers,
      ...(body && { payload: Buffer.from(body) }),
    });
    return {
      status: answer.statusCode,
      headers: textHeaders(answer.headers),
      body: answer.rawPayload,
    };
  }

  private overSocket({
    method,
    path,
    headers,
    body,
    transport,
  }: FuzzRequest): Promise<Answer | undefined> {
    const { port } = this.app.server.address() as AddressInfo;
    const isBroken = transport === 'broken' && body !== undefined;
    const length = (body?.length ?? 0) + (isBroken ? 10 : 0);
    const framing: Record<string, string> =
      transport === 'chunked'
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(length) };
    return new Promise((resolve, reject) => {
      const sent = call({
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: { ...headers, ...(body && framing) },
        agent: this.agent,
      });
      sent.on('response', (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            headers: textHeaders(answer.headers),
            body: Buffer.concat(parts),
          }),
        );
      });
      sent.on('error', (error) => (isBroken ? resolve(undefined) : reject(error)));
      if (!isBroken) sent.end(body);
      else sent.write(body.length > 0 ? body : 'x', () => setTimeout(() => sent.destroy(), 5));
    });
  }
}

function afterHanging(): { promise: Promise<typeof HANG>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<typeof HANG>((resolve) => {
    timer = setTimeout(resolve, HANG_MS, HANG);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

const textHeaders = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
