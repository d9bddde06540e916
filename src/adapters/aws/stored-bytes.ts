import type { ByteCounter } from '../../access/port.js';
import { storedAt } from './access-items.js';
import type { DynamoTable, Key } from './dynamo.js';

/** The stored bytes of a client in the table of access. */
export class DynamoByteCounter implements ByteCounter {
  private readonly key: Key;

  constructor(
    private readonly table: DynamoTable,
    client: string,
  ) {
    this.key = storedAt(client);
  }

  async read(): Promise<number | undefined> {
    const item = await this.table.get(this.key);
    return item && Number(item.bytes!.N);
  }

  async add(bytes: number): Promise<void> {
    await this.table.attempt((client, TableName) =>
      client.updateItem({
        TableName,
        Key: this.key,
        UpdateExpression: 'ADD #bytes :bytes',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#bytes': 'bytes' },
        ExpressionAttributeValues: { ':bytes': { N: String(bytes) } },
      }),
    );
  }

  async correct(before: number | undefined, measured: number): Promise<void> {
    if (before !== undefined) return this.add(measured - before);
    await this.table.attempt((client, TableName) =>
      client.putItem({
        TableName,
        Item: { ...this.key, bytes: { N: String(measured) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }
}
