#!/usr/bin/env node
// Picks the host. Each is imported on its own, so that a cold start loads nothing of the others.
const [host] = process.argv.slice(2);

try {
  switch (host) {
    case 'serve':
      await (await import('./hosts/server.js')).main();
      break;
    case 'worker':
      await (await import('./hosts/worker.js')).main();
      break;
    case 'lambda':
      await (await import('./hosts/lambda/main.js')).main();
      break;
    default:
      await (await import('./hosts/cli/main.js')).main(process.argv);
  }
} catch (error) {
  process.stderr.write(`lapidary: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
