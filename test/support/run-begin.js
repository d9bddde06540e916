import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesOfCheckout } from './checkout.js';

/** Gives the run a directory that all its workers know: they inherit the environment. */
export default function begin() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-run-'));
  process.env.LAPIDARY_TEST_RUN = directory;
  // What a test starts without a directory of its own writes here.
  process.env.DATA_DIR = join(directory, 'data');
  // A server on a busy machine is late, and would answer 503 to what is tested; test/http/load.test.ts tests that.
  process.env.MAX_DELAY_MS = '0';
  writeFileSync(join(directory, 'checkout.json'), JSON.stringify(filesOfCheckout()));
  process.env.LAPIDARY_TEST_RUN_PID = String(process.pid);
}
