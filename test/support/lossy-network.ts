import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of DynamoDB that loses answers to requests that it executed. */
export async function startLossyNetwork(endpoint: string) {
  const lost: string[] = [];
  let losing = { operation: '', answers: 0 };
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const operation = String(headers['x-amz-target']).split('.')[1]!;
    const onward = request(endpoint + url, { method, headers }, (answer) => {
      if (operation !== losing.operation || losing.answers === 0) {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      losing.answers--;
      lost.push(operation);
      answer.resume().on('end', () => outgoing.destroy());
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    lost,
    /** Loses a number of the next answers to an operation. */
    lose(operation: string, answers: number) {
      losing = { operation, answers };
    },
    async stop() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
