#!/usr/bin/env node
// Picks the host. Each is imported on its own, so that a cold start loads nothing of the others.
import { redact } from './core/redact.js';

const [host, ...rest] = process.argv.slice(2);
/** Answers --help, and refuses what is not an argument. */
const commandLine = async () => (await import('./hosts/cli/main.js')).main(process.argv);

try {
  switch (host) {
    case 'serve':
      if (rest.length === 0) await (await import('./hosts/server.js')).main();
      else await commandLine();
      break;
    case 'worker':
      // A server forks a worker with the kind of its jobs: it skips the command line, which it does not need.
      if (process.connected) await (await import('./hosts/worker.js')).main({ kind: rest[1]! });
      else if (rest.length === 0) await (await import('./hosts/worker.js')).main();
      else await commandLine();
      break;
    case 'lambda':
      if (rest[0]?.startsWith('-')) await commandLine();
      else await (await import('./hosts/lambda/main.js')).main(rest[0]);
      break;
    default:
      await commandLine();
  }
} catch (error) {
  process.stderr.write(
    `lapidary: ${redact(error instanceof Error ? error.message : String(error))}\n`,
  );
  process.exitCode = 1;
}
