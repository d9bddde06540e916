// Serves from the sources: bundles them to .dev on each change and restarts the server. While the sources do not compile,
// the previous server keeps running.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { context } from 'esbuild';
import { BUNDLES } from './bundle.js';

const OUT = '.dev';

let server;
let changes = 0;
let restarting = Promise.resolve();

const bundle = await context({
  ...BUNDLES.main,
  outdir: OUT,
  minify: false,
  write: false,
  plugins: [...BUNDLES.main.plugins, { name: 'restart', setup: ({ onEnd }) => onEnd(restart) }],
});
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await bundle.dispose();
    await restarting;
    await stop();
  });
await bundle.watch();

/**
 * Restarts the server with the last build that ended while it stopped. Files are replaced while no server runs, since a
 * server loads some of them lazily.
 */
function restart({ errors, outputFiles }) {
  if (errors.length > 0) return;
  const change = ++changes;
  restarting = restarting.then(async () => {
    if (change !== changes) return;
    await stop();
    rmSync(OUT, { recursive: true, force: true });
    mkdirSync(OUT);
    for (const { path, contents } of outputFiles) writeFileSync(path, contents);
    start();
  });
}

function start() {
  const args = ['--enable-source-maps', `${OUT}/main.js`, 'serve'];
  server = spawn(process.execPath, args, { stdio: 'inherit' });
  server.on('exit', (code) => {
    if (code) console.error('The server exited; it restarts on the next change');
  });
}

async function stop() {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  server.kill();
  await once(server, 'exit');
}
