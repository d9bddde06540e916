// @ts-check
// Decides which findings of a scan refuse an image. ECR has two kinds of scanning: the enhanced one (Inspector) reports
// whether a fix is available, the basic one does not.

/**
 * @typedef {{ id: string, severity: string, package: string, fix: 'available' | 'none' | 'unknown',
 *   fixedIn?: string, see?: string }} Finding
 * @typedef {{ id: string, reason: string, until: string }} Acceptance `until` is the last day, YYYY-MM-DD (UTC)
 * @typedef {{ finding: Finding, why: string }} Refused
 * @typedef {{ refused: Refused[], accepted: { finding: Finding, acceptance: Acceptance }[], unfixable: Finding[],
 *   unused: Acceptance[] }} Verdict
 */

/** Findings of this severity may refuse an image; others are only counted. */
const DECIDED = 'CRITICAL';
const FIX = /** @type {const} */ ({ YES: 'available', PARTIAL: 'available', NO: 'none' });

/**
 * Reads the findings of both kinds of scanning.
 * @param {any} imageScanFindings of DescribeImageScanFindings
 * @returns {Finding[]} the critical ones
 */
export function criticalOf({ findings = [], enhancedFindings = [] }) {
  const all = [...findings.map(ofBasic), ...enhancedFindings.filter(isOpen).map(ofEnhanced)];
  return all.filter(({ severity }) => severity === DECIDED);
}

/** @param {{ status?: string }} finding */
const isOpen = ({ status }) => status !== 'CLOSED';

/** @param {any} finding @returns {Finding} */
function ofBasic({ name, severity, uri, attributes = [] }) {
  /** @param {string} key */
  const attribute = (key) =>
    attributes.find((/** @type {{ key: string }} */ each) => each.key === key)?.value ?? '';
  const packaged = `${attribute('package_name')} ${attribute('package_version')}`.trim();
  return { id: name, severity, package: packaged, fix: 'unknown', see: uri };
}

/** @param {any} finding @returns {Finding} */
function ofEnhanced({ severity, title, fixAvailable, packageVulnerabilityDetails = {} }) {
  const { vulnerabilityId, sourceUrl, vulnerablePackages = [] } = packageVulnerabilityDetails;
  const fixes = vulnerablePackages
    .map((/** @type {any} */ each) => each.fixedInVersion)
    .filter((/** @type {unknown} */ version) => version && version !== 'NotAvailable');
  const fix =
    FIX[/** @type {keyof typeof FIX} */ (fixAvailable)] ??
    (fixes.length > 0 ? 'available' : 'unknown');
  return {
    id: vulnerabilityId ?? title,
    severity,
    package: vulnerablePackages
      .map((/** @type {any} */ { name, version }) => `${name} ${version}`)
      .join(', '),
    fix,
    ...(fixes.length > 0 && { fixedIn: [...new Set(fixes)].join(', ') }),
    see: sourceUrl,
  };
}

/**
 * Refuses critical findings, except those without a fix and those that the team has accepted.
 * @param {readonly Finding[]} findings
 * @param {readonly Acceptance[]} acceptances
 * @param {string} today YYYY-MM-DD
 * @returns {Verdict}
 */
export function judge(findings, acceptances, today) {
  /** @type {Verdict} */
  const verdict = { refused: [], accepted: [], unfixable: [], unused: [] };
  for (const finding of findings) {
    const acceptance = acceptances.find(({ id }) => id === finding.id);
    if (acceptance && acceptance.until >= today) verdict.accepted.push({ finding, acceptance });
    else if (acceptance)
      verdict.refused.push({ finding, why: `the acceptance expired on ${acceptance.until}` });
    else if (finding.fix === 'none') verdict.unfixable.push(finding);
    else verdict.refused.push({ finding, why: WHY[finding.fix] });
  }
  verdict.unused = acceptances.filter(({ id }) => !findings.some((each) => each.id === id));
  return verdict;
}

const WHY = {
  available: 'a fix is available',
  unknown: 'the scan does not state whether a fix is available',
};

/**
 * Reads the file of acceptances.
 * @param {string} text JSON
 * @returns {Acceptance[] | string} the faults if the file is invalid
 */
export function acceptancesOf(text) {
  let read;
  try {
    read = JSON.parse(text);
  } catch (error) {
    return `invalid JSON: ${/** @type {Error} */ (error).message}`;
  }
  if (!Array.isArray(read)) return 'it must be a list of {"id", "reason", "until"}';
  const faults = read.flatMap((entry, i) =>
    faultsOf(entry).map((fault) => `entry ${i + 1}: ${fault}`),
  );
  const ids = read.map((entry) => entry?.id);
  for (const id of new Set(ids.filter((each, i) => ids.indexOf(each) !== i)))
    faults.push(`${id} is listed twice`);
  return faults.length > 0 ? faults.join('; ') : read;
}

/** @param {any} entry @returns {string[]} */
function faultsOf(entry) {
  const { id, reason, until, ...others } = entry ?? {};
  const faults = Object.keys(others).map((name) => `unknown field "${name}"`);
  if (typeof id !== 'string' || id.trim() === '')
    faults.push('"id" must name a finding, such as CVE-2023-45853');
  if (typeof reason !== 'string' || reason.trim() === '')
    faults.push('"reason" must be the reason for accepting it');
  if (!isDay(until)) faults.push('"until" must be a day, YYYY-MM-DD');
  return faults;
}

/** @param {unknown} value */
function isDay(value) {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}
