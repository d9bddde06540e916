// @ts-check
import { Command, InvalidArgumentError, Option } from 'commander';
import { callsOf } from './measured.js';

/** @typedef {import('./bill.js').Facts} Facts */
/** @typedef {import('./bill.js').Workload} Workload */

/** Lambda's limit of an event, and so of a request. */
const EVENT_BYTES = 6 * 2 ** 20;

const HELP = `
Prices are in infra/cost/prices.json, with their date, region and sources; measurements in measured.json; and
assumptions in assumptions.json. docs/cost.md explains them.

Examples:
  $ npm run cost -- --requests 1000000 --env prd
  $ npm run cost -- --requests 50000000 --architecture arm64 --no-free-tier --json`;

/** @param {Facts} facts */
export function program(facts) {
  const assumed = (/** @type {string} */ name) => facts.assumptions[name]?.value;
  return new Command('cost')
    .description(
      'Print the cost of a month on AWS: on demand, with provisioned concurrency, and always on.',
    )
    .addHelpText('after', HELP)
    .option('--requests <number>', 'predictions in a month', whole(0, 1e11), 1_000_000)
    .addOption(new Option('--env <name>', 'the environment').choices(['dev', 'prd']).default('prd'))
    .option('--rows <number>', 'rows in a request', whole(1, 1_000_000), 1)
    .option('--clients <number>', 'clients that call, in prd', whole(1, 10_000), assumed('clients'))
    .option('--memory <MB>', 'memory of the API function', whole(128, 10_240), assumed('apiMemory'))
    .addOption(
      new Option('--architecture <name>', 'processor architecture')
        .choices(['x86_64', 'arm64'])
        .default('x86_64'),
    )
    .option(
      '--cold-starts <percent>',
      'requests that wait for a cold start',
      tenths(100),
      (assumed('coldPerThousand') ?? 0) / 10,
    )
    .option(
      '--provisioned <number>',
      'provisioned instances, in the bill with provisioned concurrency',
      whole(1, 10_000),
      1,
    )
    .option('--trainings <number>', 'trainings in a month', whole(0, 1_000_000), 10)
    .option('--storage-gb <GB>', 'models and datasets in S3', tenths(1e9), assumed('storageGb'))
    .option(
      '--prices <file>',
      'a price table of another region or day, in the format of infra/cost/prices.json',
    )
    .option('--no-free-tier', 'without the free units of the account')
    .option('--json', 'print JSON: money in whole millionths, as text', false)
    .option('--measure', 'measure durations and memory on this machine, and save them', false)
    .option('--page', 'rewrite the tables of docs/cost.md', false)
    .allowExcessArguments(false)
    .exitOverride();
}

/**
 * @param {Command} parsed
 * @param {Facts} facts
 * @returns {Workload}
 */
export function workloadOf(parsed, facts) {
  const { coldStarts, requests, env, rows, memory, architecture, ...others } = parsed.opts();
  const { clients, provisioned, trainings, storageGb, freeTier } = others;
  const held = facts.measured.api.peakMegabytes;
  if (memory < held)
    parsed.error(
      `error: --memory ${memory} is too little: the API function used ${held} MB when it was measured`,
    );
  const { requestBytes } = callsOf(facts.measured, rows);
  if (requestBytes > EVENT_BYTES)
    parsed.error(
      `error: --rows ${rows} is too many: a request would have about ${requestBytes} bytes, and Lambda takes ${EVENT_BYTES}`,
    );
  // 1.1 * 10 is a little more than 11.
  const coldPerThousand = Math.round(coldStarts * 10);
  return {
    env,
    requests,
    rows,
    clients,
    memory,
    architecture,
    coldPerThousand,
    provisioned,
    trainings,
    storageGb,
    freeTier,
  };
}

/**
 * Returns the workload of the command's defaults.
 * @param {Facts} facts
 */
export function usualWorkload(facts) {
  return workloadOf(program(facts).parse([], { from: 'user' }), facts);
}

/**
 * @param {number} least
 * @param {number} most
 */
function whole(least, most) {
  return (/** @type {string} */ text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = `from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** @param {number} most */
function tenths(most) {
  return (/** @type {string} */ text) => {
    const value = /^\d{1,10}(\.\d)?$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    throw new InvalidArgumentError(
      `It must be a number from 0 to ${most.toLocaleString('en-US')} with at most one decimal.`,
    );
  };
}
