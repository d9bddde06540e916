import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  DynamoDBClientConfig,
  TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';

interface Answer {
  status: number;
  body: object;
}

/**
 * Substitutes DynamoDB for answers that the emulator never gives: conflicting transactions, unprocessed items of a
 * batch, internal errors. It returns the given `answers` one after another, and then success.
 */
export async function startDynamoServer() {
  const answers: (Answer | ((asked: Asked) => Answer))[] = [];
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    const ask = { operation, body: JSON.parse(text) };
    asked.push(ask);
    const answer = answers.shift() ?? { status: 200, body: {} };
    const { status, body } = typeof answer === 'function' ? answer(ask) : answer;
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    answers,
    asked,
    /** Options of a client, by default without retries. */
    config: {
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    } satisfies DynamoDBClientConfig,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type DynamoServer = Awaited<ReturnType<typeof startDynamoServer>>;

export interface Asked {
  operation: string;
  body: Partial<TransactWriteItemsCommandInput> & Record<string, unknown>;
}

/** Returns the error of a cancelled transaction, with a reason for each write. */
export function cancelled(...codes: string[]): Answer {
  return refused('TransactionCanceledException', {
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

export function refused(name: string, more: object = {}, status = 400): Answer {
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, ...more } };
}
