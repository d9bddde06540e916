// Tests the API against /openapi.json with Schemathesis, which the first run installs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './server.js';

const VERSION = '4.32.5';
const VENV = join('node_modules/.cache/lapidary', `schemathesis-${VERSION}`);

/** Sends data that the document allows; a refusal that infra/schemathesis.toml does not list is a failure. */
export async function prove() {
  if (!existsSync(join(VENV, 'bin/schemathesis'))) {
    await run('python3', '-m', 'venv', VENV);
    await run(join(VENV, 'bin/pip'), 'install', '--quiet', `schemathesis==${VERSION}`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-schemathesis-'));
  const models = join(directory, 'model');
  cpSync('model', models, { recursive: true });
  let fault;
  // The tool competes for the processor, so load shedding by delay is off.
  const server = await startServer(
    { DATA_DIR: join(directory, 'data'), MODEL_DIR: models, ADMIN_ROUTES: 'on', MAX_DELAY_MS: '0' },
    (reason) => {
      fault = reason;
    },
  );
  try {
    const { code, written } = await tool(
      join(VENV, 'bin/schemathesis'),
      ...['--config-file', 'infra/schemathesis.toml', 'run', `${server.url}/openapi.json`],
      ...['--mode', 'positive', '--phases', 'coverage,fuzzing'],
    );
    const ok = code === 0 && fault === undefined;
    if (!ok) process.stderr.write(written);
    const [, operations] = /Tested:\s+(\d+)/.exec(written) ?? [];
    const [, cases] = /(\d+) generated/.exec(written) ?? [];
    return { ok, version: VERSION, operations: Number(operations), cases: Number(cases), fault };
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function run(...command) {
  const { code, written } = await tool(...command);
  if (code !== 0) throw new Error(written.slice(-1000));
}

async function tool(command, ...args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      written += text;
    });
  const [code] = await once(child, 'close');
  return { code, written };
}
