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
    await this.table.update(this.key, 'ADD #bytes :bytes', {
      when: 'attribute_exists(pk)',
      names: { '#bytes': 'bytes' },
      values: { ':bytes': { N: String(bytes) } },
    });
  }

  async correct(before: number | undefined, measured: number): Promise<void> {
    if (before !== undefined) return this.add(measured - before);
    const item = { ...this.key, bytes: { N: String(measured) } };
    await this.table.put(item, { when: 'attribute_not_exists(pk)' });
  }
}
