import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { emulator } from './emulator.js';
import { JOBS_TABLE } from './jobs-table.js';

/** Creates a table of access as in docs/access.md. @returns its name */
export async function newAccessTable(): Promise<string> {
  const aws = await emulator();
  const name = await aws.newTable(JOBS_TABLE);
  const client = new DynamoDBClient(aws);
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
    }),
  );
  client.destroy();
  return name;
}
