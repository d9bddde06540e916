import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesOfCheckout } from './checkout.js';

/** Stops the emulator, if a test file started it, and removes what the run left. Fails when a test wrote into the checkout. */
export default function end() {
  const directory = process.env.LAPIDARY_TEST_RUN;
  const started = join(directory, 'emulator.json');
  if (existsSync(started)) {
    const { pid } = JSON.parse(readFileSync(started, 'utf8'));
    // The process is the leader of its group; it has ended by itself if there is none.
    if (pid !== undefined) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {}
    }
  }
  const before = new Set(JSON.parse(readFileSync(join(directory, 'checkout.json'), 'utf8')));
  rmSync(directory, { recursive: true, force: true });
  const written = filesOfCheckout().filter((path) => !before.has(path));
  if (written.length > 0)
    throw new Error(
      `tests write into folders of their own, not into the checkout: ${written.join(', ')}`,
    );
}
