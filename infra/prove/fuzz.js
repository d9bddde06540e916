// A long run of `npm run fuzz`, with a new seed each time.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const LARGEST_BYTES = 2 ** 26;

/** Sends the requests; the seed in its output repeats them. */
export async function prove({ requests }) {
  await promisify(execFile)(process.execPath, ['infra/scripts/build.js', '--if-stale', '--fuzz']);
  const run = promisify(execFile)(
    process.execPath,
    ['dist/fuzz/main.js', '--requests', String(requests)],
    { maxBuffer: LARGEST_BYTES },
  );
  const { stdout, failed } = await run.catch((error) => ({ stdout: error.stdout, failed: true }));
  if (failed) process.stderr.write(stdout);
  const [, sent, seed, failures] =
    /(\d+) requests in .*, seed (\d+): (\d+) failures/.exec(stdout) ?? [];
  return {
    ok: !failed && failures === '0',
    requests: Number(sent ?? 0),
    seed: Number(seed ?? /^seed (\d+)/.exec(stdout)?.[1]),
    failures: Number(failures ?? -1),
  };
}
