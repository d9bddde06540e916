import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { acceptancesOf, criticalOf, judge } from '../../infra/scripts/lib/findings.js';
import { testAws } from '../support/aws-command.js';
import { sized } from '../support/size.js';
import { imageOf, runScript, targetFor } from './commands.js';

/** Tests that poll for seconds, or run the command line of AWS once more for what is tested without it. */
const atFullSize = sized(test.skip, testAws);
const BASIC = {
  name: 'CVE-2023-45853',
  uri: 'https://security-tracker.debian.org/tracker/CVE-2023-45853',
  severity: 'CRITICAL',
  attributes: [
    { key: 'package_version', value: '1:1.2.13.dfsg-1' },
    { key: 'package_name', value: 'zlib' },
  ],
};
const enhanced = (id: string, fixAvailable: string | undefined, fixedInVersion?: string) => ({
  severity: 'CRITICAL',
  status: 'ACTIVE',
  title: `${id} - openssl`,
  fixAvailable,
  packageVulnerabilityDetails: {
    vulnerabilityId: id,
    sourceUrl: `https://security-tracker.debian.org/tracker/${id}`,
    vulnerablePackages: [{ name: 'openssl', version: '3.0.15', fixedInVersion }],
  },
});
const TODAY = '2026-11-28';
const accepted = (id: string, until: string) => ({ id, until, reason: 'not reachable' });

describe('a critical finding', () => {
  const verdict = (finding: object, acceptances: ReturnType<typeof accepted>[] = []) => {
    const found = 'name' in finding ? { findings: [finding] } : { enhancedFindings: [finding] };
    const { refused, accepted: let_, unfixable } = judge(criticalOf(found), acceptances, TODAY);
    return refused[0]?.why ?? (let_.length > 0 ? 'accepted' : unfixable.length > 0 ? 'no fix' : '');
  };
  const FIXABLE = 'a fix is available';
  const UNKNOWN = 'the scan does not state whether a fix is available';

  test.each([
    ['with a fix', enhanced('CVE-1', 'YES', '3.0.16'), [], FIXABLE],
    ['with a fix for a part of the packages', enhanced('CVE-1', 'PARTIAL'), [], FIXABLE],
    [
      'with a version that fixes it and no word on it',
      enhanced('CVE-1', undefined, '4'),
      [],
      FIXABLE,
    ],
    ['without a fix', enhanced('CVE-1', 'NO', 'NotAvailable'), [], 'no fix'],
    ['of which nothing is stated', enhanced('CVE-1', undefined), [], UNKNOWN],
    ['of basic scanning', BASIC, [], UNKNOWN],
    ['that is accepted', BASIC, [accepted(BASIC.name, '2027-03-01')], 'accepted'],
    ['that is accepted until today', BASIC, [accepted(BASIC.name, TODAY)], 'accepted'],
    ['with a fix, accepted', enhanced('CVE-1', 'YES'), [accepted('CVE-1', TODAY)], 'accepted'],
    ['of another id', BASIC, [accepted('CVE-2023-4585', '2027-03-01')], UNKNOWN],
    [
      'whose acceptance expired',
      enhanced('CVE-1', 'NO'),
      [accepted('CVE-1', '2026-11-27')],
      'the acceptance expired on 2026-11-27',
    ],
    ['that is closed', { ...enhanced('CVE-1', 'YES'), status: 'CLOSED' }, [], ''],
    ['that is only high', { ...BASIC, severity: 'HIGH' }, [], ''],
  ])('%s', (_name, finding, acceptances, why) => {
    expect(verdict(finding, acceptances)).toBe(why);
  });

  test('an acceptance that no finding has is named', () => {
    expect(judge([], [accepted('CVE-1', TODAY)], TODAY).unused).toHaveLength(1);
  });
});

describe('the file of accepted findings', () => {
  const good = accepted('CVE-1', '2027-01-31');

  test.each([
    ['{', /invalid JSON/],
    ['{}', /must be a list/],
    [[{ ...good, reason: ' ' }], /entry 1: "reason"/],
    [[good, { ...good, id: 7 }], /entry 2: "id"/],
    [[{ ...good, until: '2027-02-30' }], /"until" must be a day/],
    [[{ ...good, until: 'never' }], /"until" must be a day/],
    [[{ ...good, till: '2027-01-31' }], /unknown field "till"/],
    [[null], /"id"/],
    [[good, good], /CVE-1 is listed twice/],
  ])('%j is refused', (written, reason) => {
    const text = typeof written === 'string' ? written : JSON.stringify(written);
    expect(acceptancesOf(text)).toMatch(reason);
  });

  test('is read', () => expect(acceptancesOf(JSON.stringify([good]))).toEqual([good]));
});

describe('the scan', () => {
  let server: Server;
  let answers: { status?: number; body: object }[] = [];
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lapidary-scan-'));
    // What ECR answers, the last again and again; the emulator of the other tests has no scans.
    server = createServer((_request, response) => {
      const { status = 200, body } = answers.length > 1 ? answers.shift()! : answers[0]!;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    answers = [];
  });
  afterAll(async () => {
    server.close();
    await rm(directory, { recursive: true });
  });

  const scan = async (acceptances: object[] = [], wait = '60') => {
    const file = join(directory, 'accepted.json');
    await writeFile(file, JSON.stringify(acceptances));
    const options = ['--env', 'dev', '--image', imageOf('a'), '--accepted', file, '--wait', wait];
    return runScript('scan', options, {
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      DEPLOY_TARGET: JSON.stringify(targetFor({ api: 'api' })),
    });
  };
  const at = (status: string, imageScanFindings?: object) => ({
    body: { imageScanStatus: { status, description: 'as said' }, imageScanFindings },
  });
  const complete = (findings: object) => at('COMPLETE', findings);

  testAws('lets an image through that has nothing critical', async () => {
    answers = [complete({ findingSeverityCounts: { HIGH: 2 } })];
    const { code, stdout } = await scan();
    expect(stdout).toContain(': 2 HIGH');
    expect(code).toBe(0);
  });

  testAws('refuses what can be fixed, names the fix, and passes what cannot', async () => {
    const enhancedFindings = [enhanced('CVE-1', 'YES', '3.0.16'), enhanced('CVE-2', 'NO')];
    answers = [complete({ findingSeverityCounts: { CRITICAL: 2 }, enhancedFindings })];
    const { code, stdout, stderr } = await scan();
    expect(stdout).toContain('no fix  CVE-2 in openssl 3.0.15');
    expect(stdout).toContain('refuse  CVE-1 in openssl 3.0.15 (fixed in 3.0.16): a fix is');
    expect(stderr).toContain('critical findings refuse the image: 1.');
    expect(code).toBe(1);
  });

  testAws('refuses a finding of basic scanning until it is accepted', async () => {
    answers = [complete({ findingSeverityCounts: { CRITICAL: 1 }, findings: [BASIC] })];
    const refused = await scan();
    expect(refused.stdout).toContain(`CVE-2023-45853 in zlib 1:1.2.13.dfsg-1: the scan does not`);
    expect(refused.stdout).toContain(BASIC.uri);
    expect(refused.code).toBe(1);

    const { code, stdout } = await scan([accepted(BASIC.name, '2999-01-01')]);
    expect(stdout).toContain('until 2999-01-01: not reachable');
    expect(code).toBe(0);
    expect((await scan([accepted(BASIC.name, '2026-01-01')])).code).toBe(1);
  });

  atFullSize(
    'waits for a scan that has not begun, and ends with one that goes on',
    async () => {
      const begun = { findingSeverityCounts: { LOW: 1 } };
      answers = [
        { status: 400, body: { __type: 'ScanNotFoundException', message: 'no scan yet' } },
        at('PENDING'),
        at('ACTIVE', { ...begun, imageScanCompletedAt: 1764288000 }),
      ];
      const { code, stdout } = await scan();
      expect(stdout).toContain(': 1 LOW');
      expect(code).toBe(0);
    },
    30_000,
  );

  atFullSize(
    'does not take a scan for clean before its findings arrive',
    async () => {
      const enhancedFindings = [enhanced('CVE-1', 'YES')];
      answers = [
        at('ACTIVE'),
        at('ACTIVE', { findingSeverityCounts: { CRITICAL: 1 }, enhancedFindings }),
      ];
      expect((await scan()).code).toBe(1);
    },
    30_000,
  );

  testAws.each([
    'FAILED',
    ...sized([], ['UNSUPPORTED_IMAGE', 'SCAN_ELIGIBILITY_EXPIRED', 'LIMIT_EXCEEDED']),
  ])('refuses an image that could not be scanned: %s', async (status) => {
    answers = [at(status, {})];
    const { code, stderr } = await scan();
    expect(stderr).toContain(`could not be scanned (${status}): as said`);
    expect(code).toBe(1);
  });

  atFullSize('gives up after its time, and refuses findings counted but not listed', async () => {
    answers = [at('IN_PROGRESS')];
    expect((await scan([], '1')).stderr).toContain('was not scanned within 1 s (IN_PROGRESS)');
    answers = [complete({ findingSeverityCounts: { CRITICAL: 1 } })];
    expect((await scan()).stderr).toContain('counted but not listed');
  });

  test('refuses a file of acceptances that cannot be used', async () => {
    const { code, stderr } = await scan([{ id: 'CVE-1' }]);
    expect(stderr).toContain('accepted.json: entry 1: "reason"');
    expect(code).toBe(2);
  });
});
