#!/usr/bin/env node
// Picks the host. Each is imported on its own, so that a cold start loads nothing of the others.
import { redact } from './core/redact.js';

const [host, ...rest] = process.argv.slice(2);

try {
  switch (host) {
    case 'serve':
      await (await import('./hosts/server.js')).main();
      break;
    case 'worker':
      // A server forks it, and names the kind: it loads no more than it needs. Else it is a command as others are.
      if (process.connected) await (await import('./hosts/worker.js')).main({ kind: rest[1]! });
      else if (rest.length === 0) await (await import('./hosts/worker.js')).main();
      else await (await import('./hosts/cli/main.js')).main(process.argv);
      break;
    case 'lambda':
      await (await import('./hosts/lambda/main.js')).main(rest[0]);
      break;
    default:
      await (await import('./hosts/cli/main.js')).main(process.argv);
  }
} catch (error) {
  process.stderr.write(
    `lapidary: ${redact(error instanceof Error ? error.message : String(error))}\n`,
  );
  process.exitCode = 1;
}
