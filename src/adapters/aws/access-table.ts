import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { LapidaryError } from '../../core/errors.js';
import { DynamoTable, type Item, type Key } from './dynamo.js';

const HINTS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'table not found: check ACCESS_TABLE',
  AccessDeniedException: 'access denied: docs/access.md lists the required actions',
  CredentialsProviderError: 'credentials missing',
};
/** Errors that are bugs. */
const BUGS = new Set(['ValidationException', 'TransactionCanceledException']);

type Asked<Name extends 'query' | 'transact' | 'transactOnce'> = Parameters<DynamoTable[Name]>;

/**
 * The table of access. Messages of DynamoDB name accounts and roles, so callers get a reason of our own; the original
 * error is the cause, which is logged.
 */
export class AccessTable extends DynamoTable {
  override get(key: Key): Promise<Item | undefined> {
    return this.tell(super.get(key));
  }

  override getAll(keys: readonly Key[]): Promise<Item[]> {
    return this.tell(super.getAll(keys));
  }

  override put(item: Item): Promise<void> {
    return this.tell(super.put(item));
  }

  override query(...asked: Asked<'query'>): Promise<Item[]> {
    return this.tell(super.query(...asked));
  }

  override transact(...asked: Asked<'transact'>): Promise<boolean> {
    return this.tell(super.transact(...asked));
  }

  override transactOnce(...asked: Asked<'transactOnce'>): Promise<readonly string[] | undefined> {
    return this.tell(super.transactOnce(...asked));
  }

  override attempt<Answer>(
    write: (client: DynamoDB, table: string) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    return this.tell(super.attempt(write));
  }

  private async tell<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      const { name, message, code } = error as NodeJS.ErrnoException;
      if (BUGS.has(name)) throw error;
      // Messages of DynamoDB name accounts; those of the network do not.
      const reason = HINTS[name] ?? ('$fault' in (error as Error) ? name : message || code);
      const detail = `the table "${this.name}" cannot be used: ${reason}`;
      throw new LapidaryError('storage_unavailable', detail, [], { cause: error });
    }
  }
}
