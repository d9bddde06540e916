import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { billOf, WAYS } from '../../infra/cost/bill.js';
import { breakEven } from '../../infra/cost/break-even.js';
import { drawCost } from '../../infra/cost/chart.js';
import { readFacts } from '../../infra/cost/facts.js';
import { usualWorkload } from '../../infra/cost/options.js';
import { PAGE, pageWith } from '../../infra/cost/page.js';

describe('the command', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['infra/cost/main.js', ...args],
      { encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  };

  it('prints the bill, its alternatives and where they break even', () => {
    const { status, stdout } = run('--requests', '1000000', '--env', 'prd');
    expect(status).toBe(0);
    expect(stdout).toMatch(/1,000,000 requests of 1 row; 1024 MB, x86_64/);
    expect(stdout).toMatch(/ {2}API Gateway +1,000,000 request +\$1\.00\n/);
    expect(stdout).toMatch(/Servers, always on: from [\d,]+ requests a month\n/);
  });

  it('tells programs money in whole millionths', () => {
    const { stdout } = run('--json', '--env', 'dev', '--no-free-tier', '--cold-starts', '1.1');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      currency: 'USD',
      workload: { env: 'dev', freeTier: false, coldPerThousand: 11 },
    });
    expect(report.bills.map(({ way }: { way: string }) => way)).toEqual(Object.keys(WAYS));
    expect(report.bills[0].total).toMatch(/^\d+$/);
    expect(report.bills[0].lines[0].cost).toMatch(/^\d+$/);
  });

  it('takes the prices of another table', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lapidary-cost-'));
    const file = join(directory, 'prices.json');
    const { table } = readFacts();
    writeFileSync(file, JSON.stringify({ ...table, region: 'eu-central-1' }));
    try {
      expect(run('--prices', file).stdout).toContain('A month of prd in eu-central-1');
      expect(run('--prices', join(directory, 'none.json'))).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('none.json'),
      });
      writeFileSync(file, JSON.stringify({ ...table, prices: {} }));
      expect(run('--prices', file)).toMatchObject({
        status: 1,
        stderr: 'cost: the price table lacks gateway.requests\n',
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('has help', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--rows') });
  });

  it.each([
    [['--bogus'], "unknown option '--bogus'"],
    [['--requests', '1e6'], 'It must be a whole number from 0 to 100,000,000,000.'],
    [['--requests', '-1'], 'It must be a whole number'],
    [['--requests'], 'argument missing'],
    [['--env', 'stage'], 'Allowed choices are dev, prd.'],
    [['--memory', '64'], 'from 128 to 10,240'],
    [['--rows', '100000'], 'Lambda takes 6291456'],
    [['--cold-starts', '101'], 'It must be a number from 0 to 100'],
    [['1000'], 'too many arguments'],
  ])('%j is refused', (args, why) => {
    expect(run(...args)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(why),
    });
  });
});

describe('what was measured', () => {
  const { measured } = readFacts();

  it('is in twentieths, from the quickest to the slowest', () => {
    const { oneRow, hundredRows } = measured.api;
    for (const { microseconds } of [oneRow, hundredRows, measured.authorizer]) {
      expect(microseconds).toHaveLength(20);
      expect(microseconds).toEqual(microseconds.toSorted((a, b) => a - b));
    }
  });

  it('says when, and of the machine only its kind', () => {
    expect(measured.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(JSON.stringify(measured)).not.toMatch(/[/\\]/);
  });

  it('needs the built application', () => {
    const command = fileURLToPath(new URL('../../infra/cost/main.js', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [command, '--measure'], {
      cwd: tmpdir(),
      encoding: 'utf8',
    });
    expect(stderr).toBe('cost: the application is not built: npm run build\n');
    expect(status).toBe(1);
  });
});

describe('docs/cost.md', () => {
  const facts = readFacts();
  const page = readFileSync(PAGE, 'utf8');

  it('has the tables that the command writes: npm run cost -- --page', () => {
    expect(page).toBe(pageWith(page, facts, usualWorkload(facts)));
  });

  it('is not written where a mark is gone', () => {
    const broken = page.replace('<!-- /cost: totals -->', '');
    expect(() => pageWith(broken, facts, usualWorkload(facts))).toThrow(
      'docs/cost.md lacks <!-- cost: totals --> or <!-- /cost: totals -->',
    );
  });

  it('shows the chart as it is drawn from the same facts: npm run imgs', () => {
    const drawn = readFileSync(new URL('../../imgs/cost.svg', import.meta.url), 'utf8');
    expect(drawn).toBe(drawCost(facts, usualWorkload(facts)));
    expect(page).toContain('](../imgs/cost.svg)');
  });

  it('agrees with the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const usual = usualWorkload(facts);
    const dollars = Math.round(Number(billOf(facts, usual, 'on-demand').total) / 1e6);
    const millions = Math.round(breakEven(facts, usual, 'always-on')! / 1e6);
    expect(readme).toMatch(
      new RegExp(
        `about ${dollars} dollars on demand; servers .* cheaper from\\s+about ${millions} million on`,
      ),
    );
  });
});
