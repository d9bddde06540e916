import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Stops the emulator, if a test file started it, and removes what the run left. */
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
  rmSync(directory, { recursive: true, force: true });
}
