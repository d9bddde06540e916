// @ts-check
// Images of an environment: which one its functions run, and which were pushed.
import { aws, ifThere } from './aws.js';

/**
 * The image that functions are made of: the one that is live, or else the newest that was pushed.
 * @param {Record<string, any>} outputs of Terraform
 * @returns {Promise<string>} by digest; empty when there is none
 */
export async function imageOf(outputs) {
  return (await liveImage(outputs)) ?? (await newestImage(outputs)) ?? '';
}

/** @param {Record<string, any>} outputs */
async function liveImage({ region, functions, live_alias }) {
  if (functions?.api === undefined) return undefined;
  const of = ['--function-name', functions.api, '--qualifier', live_alias];
  const found = await ifThere(
    aws(region, 'lambda', 'get-function', ...of),
    'ResourceNotFoundException',
  );
  return found?.Code.ResolvedImageUri ?? found?.Code.ImageUri;
}

/** @param {Record<string, any>} outputs */
async function newestImage({ region, image_repository_name, image_repository_url }) {
  if (image_repository_name === undefined) return undefined;
  const of = ['--repository-name', image_repository_name, '--filter', 'tagStatus=TAGGED'];
  const found = await ifThere(
    aws(region, 'ecr', 'describe-images', ...of),
    'RepositoryNotFoundException',
  );
  /** @type {{ imageDigest: string, imagePushedAt: string | number }[]} */
  const images = found?.imageDetails ?? [];
  const [newest] = images.sort((a, b) => time(b.imagePushedAt) - time(a.imagePushedAt));
  return newest && `${image_repository_url}@${newest.imageDigest}`;
}

/** Version 1 of the command line writes seconds, version 2 a date. @param {string | number} at */
function time(at) {
  return typeof at === 'number' ? at * 1000 : Date.parse(at);
}
