import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests to AWS since the last call, by operation: `S3 LIST`, `S3 GET`, `DynamoDB Query` and so on. */
export type Counts = Record<string, number>;

/** Counts the requests that AWS would bill, as a proxy in front of the emulator. */
export class CountingProxy {
  private counts: Counts = {};

  private constructor(
    readonly url: string,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  /** @param pageKeys maximum number of keys in a page of a list; by default that of the emulator */
  static async start(endpoint: string, pageKeys?: number): Promise<CountingProxy> {
    const { hostname, port } = new URL(endpoint);
    let proxy: CountingProxy;
    const server = createServer((incoming, answer) => {
      proxy.count(kindOf(incoming.method!, incoming.url!, incoming.headers['x-amz-target']));
      const { method, headers } = incoming;
      const isList = pageKeys !== undefined && incoming.url!.includes('list-type=2');
      const path = isList ? `${incoming.url}&max-keys=${pageKeys}` : incoming.url;
      const outgoing = ask({ hostname, port, method, path, headers }, (response) => {
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
      });
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = new CountingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return proxy;
  }

  /** @returns the counts since the last call */
  take(): Counts {
    const counts = this.counts;
    this.counts = {};
    return counts;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}

function kindOf(method: string, url: string, target: string | string[] | undefined): string {
  if (target !== undefined) return `DynamoDB ${String(target).split('.').at(-1)}`;
  return method === 'GET' && url.includes('list-type=2') ? 'S3 LIST' : `S3 ${method}`;
}
