// @ts-check
import { fileURLToPath } from 'node:url';
import { aws } from './aws.js';
import { say } from './command.js';
import { run } from './run.js';

const MODELS = fileURLToPath(new URL('../../../model', import.meta.url));

/**
 * Copies the shipped models to a bucket without models. A bucket with models is not changed, so its champions stay.
 * @param {string} region
 * @param {string} bucket
 */
export async function publishShipped(region, bucket) {
  const of = ['--bucket', bucket, '--prefix', 'models/', '--max-items', '1'];
  const listed = await aws(region, 's3api', 'list-objects-v2', ...of);
  if ((listed?.Contents ?? []).length > 0) return;
  say(`models  ${bucket} has none: copying model/`);
  const env = { AWS_REGION: region, AWS_DEFAULT_REGION: region };
  await run('aws', ['s3', 'sync', MODELS, `s3://${bucket}/models`, '--only-show-errors'], { env });
}
