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
 * What DynamoDB says now and then, and the emulator never does: transactions that meet, parts of a batch that
 * were not done, faults of its own. This server answers with what is put into `answers`, one after another, and
 * with success when there is nothing left.
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
    /** How it is reached; what failed is not tried again unless that is asked for. */
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

/** A transaction that was not done, and why, write by write. */
export function cancelled(...codes: string[]): Answer {
  return refused('TransactionCanceledException', {
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

export function refused(name: string, more: object = {}, status = 400): Answer {
  return { status, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, ...more } };
}
