// Proofs by tests that `npm test` runs at a small size, here at full size.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SETS = {
  crashes: {
    paths: [
      'test/journeys/.*crash',
      'test/journeys/batch',
      'test/journeys/full-disk',
      'test/adapters/local/power-loss',
    ],
  },
  contention: { paths: ['test/contracts', 'test/journeys/aws'] },
  deployment: { paths: ['test/infra/rehearse'], env: { REHEARSE: '1' } },
};

/** Runs a set of tests at full size; a missing tool fails the proof, as in CI. */
export async function prove({ name }) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-prove-'));
  const report = join(directory, 'report.json');
  const { paths, env } = SETS[name];
  try {
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const child = spawn(
      process.execPath,
      [...jest, '--silent', '--json', '--outputFile', report, ...paths],
      {
        env: { ...process.env, CI: 'true', FULL_SIZE: '1', ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    await once(child, 'close');
    const found = JSON.parse(readFileSync(report, 'utf8'));
    const failed = found.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    );
    const { success: ok, numPassedTests: passed, numFailedTestSuites: failedFiles } = found;
    return { ok: ok && passed > 0, passed, failed, failedFiles };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
