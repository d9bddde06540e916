import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { built } from '../support/built.js';

/** As `npm run fuzz` runs it: training needs a worker thread, and that a built file. */
const MAIN = await built('fuzz/main.js', '--fuzz');
const run = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

describe('npm run fuzz', () => {
  it('finds nothing in a short run', async () => {
    const { stdout } = await run('--requests', '400', '--seed', '1');
    expect(stdout).toContain('400 requests in ');
    expect(stdout).toContain('seed 1: 0 failures');
  });

  it('prints its usage, and refuses other options', async () => {
    expect((await run('--help')).stdout).toContain('--requests N');
    await expect(run('--requests', 'many')).rejects.toMatchObject({ code: 2 });
    const unknown = run('--requests', '1', '--operation', 'none');
    await expect(unknown).rejects.toMatchObject({ stderr: expect.stringContaining('none') });
  });
});
