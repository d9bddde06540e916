import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the run a directory that all its workers know: they inherit the environment. */
export default function begin() {
  process.env.LAPIDARY_TEST_RUN = mkdtempSync(join(tmpdir(), 'lapidary-run-'));
  process.env.LAPIDARY_TEST_RUN_PID = String(process.pid);
}
