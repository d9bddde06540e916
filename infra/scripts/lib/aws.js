// @ts-check
// Calls AWS by its command line, which every runner has. AWS_ENDPOINT_URL selects an emulator.
import { Refusal } from './command.js';
import { Failed, run } from './run.js';

/** AWS refused a request. */
export class AwsError extends Refusal {
  /** @param {string} code @param {string} operation @param {string} detail */
  constructor(code, operation, detail) {
    super(`AWS refused ${operation} with ${code}: ${detail}`);
    this.code = code;
  }
}

const ERROR = /An error occurred \((\w+)\)[^:]*calling the (\w+) operation[^:]*: (.*)/s;

/**
 * Calls AWS.
 * @param {string} region
 * @param {...string} args arguments of the command line
 * @returns {Promise<any>} the answer, undefined if it is empty
 */
export async function aws(region, ...args) {
  const env = { AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_PAGER: '' };
  try {
    const answer = await run('aws', [...args, '--output', 'json'], { env });
    return answer.trim() === '' ? undefined : JSON.parse(answer);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const [, code, operation, detail] = ERROR.exec(error.stderr) ?? [];
    if (code === undefined)
      throw new Refusal(`aws ${args.slice(0, 2).join(' ')}: ${error.stderr.trim()}`);
    throw new AwsError(code, operation ?? '', (detail ?? '').trim());
  }
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @param {...string} codes
 * @returns {Promise<T | undefined>} undefined if the resource does not exist
 */
export function ifThere(asked, ...codes) {
  return asked.catch((error) => {
    if (error instanceof AwsError && codes.includes(error.code)) return undefined;
    throw error;
  });
}
