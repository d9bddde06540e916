// @ts-check
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, aws } from './lib/aws.js';
import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { acceptancesOf, criticalOf, judge } from './lib/findings.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: node infra/scripts/scan.js --env dev|prd --image REPOSITORY@sha256:...

Waits for the repository's scan of a pushed image, basic or enhanced. Exits with 1 if the image has a critical
finding that is neither accepted nor known to have no fix, or if the scan failed.

Enhanced scanning reports whether a fix is available; a finding without a fix is listed and passes. Basic scanning
does not report fixes, so each critical finding must be accepted: review the page that is printed with it.

  --env        dev or prd
  --image      the image, by digest
  --accepted   the file of accepted findings, by default infra/accepted-findings.json: a list of
               {"id": "CVE-...", "reason": "...", "until": "YYYY-MM-DD"}; an expired entry does not count
  --wait       seconds to wait for the scan, by default 900
  --help       print this help

Set DEPLOY_TARGET as for a deployment.
`;

const ACCEPTED = fileURLToPath(new URL('../accepted-findings.json', import.meta.url));
const WAIT_S = 900;
const POLL_MS = 3000;
/** Time does not change these. */
const NEVER = [
  'FAILED',
  'UNSUPPORTED_IMAGE',
  'SCAN_ELIGIBILITY_EXPIRED',
  'FINDINGS_UNAVAILABLE',
  'LIMIT_EXCEEDED',
];
/** Continuous scanning is active before its first findings arrive. After this many empty answers there are none. */
const EMPTY_POLLS = 10;

await main({
  name: 'scan',
  usage: USAGE,
  options: { env: 'text', image: 'text', accepted: 'text', wait: 'text' },
  async run(options) {
    const { region, image_repository_name } = await targetOf(environmentOf(options));
    const digest = text(options, 'image')?.split('@')[1];
    if (digest === undefined) throw new Refusal('--image must name an image by its digest', 2);
    const seconds = Number(text(options, 'wait') ?? WAIT_S);
    if (!(seconds >= 0)) throw new Refusal('--wait must be a number of seconds', 2);
    const acceptances = await readAcceptances(text(options, 'accepted') ?? ACCEPTED);
    const of = ['--repository-name', image_repository_name, '--image-id', `imageDigest=${digest}`];
    const found = await scanned(region, of, digest, seconds);
    conclude(digest, found, acceptances);
  },
});

/** @param {string} path */
async function readAcceptances(path) {
  const read = acceptancesOf(
    await readFile(path, 'utf8').catch((error) => {
      throw new Refusal(`${path} cannot be read: ${error.message}`, 2);
    }),
  );
  if (typeof read === 'string') throw new Refusal(`${path}: ${read}`, 2);
  return read;
}

/**
 * Polls until the scan has its findings: the command line's own waiter ends only with COMPLETE or FAILED.
 * @param {string} region @param {readonly string[]} of @param {string} digest @param {number} seconds
 */
async function scanned(region, of, digest, seconds) {
  const deadline = Date.now() + seconds * 1000;
  /** @type {any[]} */
  const active = [];
  for (;;) {
    const answer = await aws(region, 'ecr', 'describe-image-scan-findings', ...of).catch(notYet);
    const { status = 'not begun', description = 'no reason given' } = answer?.imageScanStatus ?? {};
    if (NEVER.includes(status))
      throw new Refusal(`${digest} could not be scanned (${status}): ${description}`);
    if (status === 'COMPLETE') return answer.imageScanFindings ?? {};
    if (status === 'ACTIVE') active.push(answer.imageScanFindings ?? {});
    if (haveSettled(active)) return active.at(-1);
    if (Date.now() + POLL_MS > deadline)
      throw new Refusal(`${digest} was not scanned within ${seconds} s (${status})`);
    await wait(POLL_MS);
  }
}

/** Continuous scanning never completes. @param {readonly any[]} active its findings, poll by poll */
function haveSettled(active) {
  const [before, now] = [active.at(-2), active.at(-1)];
  if (now?.imageScanCompletedAt) return true;
  const isEmpty = Object.keys(now?.findingSeverityCounts ?? {}).length === 0;
  if (isEmpty) return active.length >= EMPTY_POLLS;
  return isDeepStrictEqual(before, now);
}

/** A scan on push begins some seconds after the push. @param {unknown} error */
function notYet(error) {
  if (error instanceof AwsError && error.code === 'ScanNotFoundException') return undefined;
  throw error;
}

/** @param {string} digest @param {any} found @param {import('./lib/findings.js').Acceptance[]} acceptances */
function conclude(digest, found, acceptances) {
  const counts = Object.entries(found.findingSeverityCounts ?? {});
  const told = counts.map(([severity, count]) => `${count} ${severity}`).join(', ');
  say(`scan    ${digest}: ${told || 'no findings'}`);
  const today = new Date().toISOString().slice(0, 10);
  const verdict = judge(criticalOf(found), acceptances, today);
  for (const { finding, acceptance } of verdict.accepted)
    say(`accept  ${named(finding)}, until ${acceptance.until}: ${acceptance.reason}`);
  for (const finding of verdict.unfixable) say(`no fix  ${named(finding)}`);
  for (const { id } of verdict.unused)
    say(`unused  the acceptance of ${id}: the image lacks that finding`);
  for (const { finding, why } of verdict.refused)
    say(`refuse  ${named(finding)}: ${why}${finding.see ? ` (${finding.see})` : ''}`);
  if (verdict.refused.length > 0) throw new Refusal(refusal(verdict.refused.length));
  if ((found.findingSeverityCounts?.CRITICAL ?? 0) > 0 && !lists(found))
    throw new Refusal('critical findings are counted but not listed: open the image in ECR');
}

/** @param {any} found */
function lists({ findings = [], enhancedFindings = [] }) {
  return findings.length + enhancedFindings.length > 0;
}

/** @param {number} count */
function refusal(count) {
  return `critical findings refuse the image: ${count}. Update the packages (a newer base image or dependency), or accept each with id, reason and until in infra/accepted-findings.json`;
}

/** @param {import('./lib/findings.js').Finding} finding */
function named({ id, package: packaged, fixedIn }) {
  return [id, packaged && `in ${packaged}`, fixedIn && `(fixed in ${fixedIn})`]
    .filter(Boolean)
    .join(' ');
}
