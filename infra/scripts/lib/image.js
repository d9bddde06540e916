// @ts-check
// The images of an environment: the one that its functions run, and the pushed ones.
import { aws, ifThere } from './aws.js';

/**
 * Returns the image for new functions: the live one, or else the newest pushed one.
 * @param {Record<string, any>} outputs of Terraform
 * @returns {Promise<string>} by digest; empty if there is none
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

/** Parses a time: version 1 of the command line writes seconds, version 2 a date. @param {string | number} at */
function time(at) {
  return typeof at === 'number' ? at * 1000 : Date.parse(at);
}
