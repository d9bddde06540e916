import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from '../support/built.js';
import { type Step, scriptOf, writtenBy } from './script.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What came of the steps of a page. */
export interface Done {
  /** What each step wrote to standard output; the last one failed when `failure` is there. */
  written: string[];
  failure?: string;
  /** What the linter has against files that the steps left. */
  lint: string;
}

/** Runs steps in a copy of the repository, where port 8080 leads to a server of its own. */
export async function runSteps(steps: readonly Step[]): Promise<Done> {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-documents-'));
  try {
    const copy = join(directory, 'my lapidary');
    const installs = steps.some(({ text }) => /\bnpm (ci|install)\b/.test(text));
    if (!installs) await built('main.js');
    copyRepository(copy, !installs);
    const before = new Set(filesIn(copy));
    const port = await freePort();
    // Whatever the words of a page are, curl goes to our server, and fails when the answer is an error.
    writeFileSync(
      join(directory, '.curlrc'),
      `connect-to = "127.0.0.1:8080:127.0.0.1:${port}"\nfail\nshow-error\n`,
    );
    const log = join(directory, 'server.log');
    const script = join(directory, 'page.sh');
    writeFileSync(script, scriptOf(steps, log));
    writeFileSync(log, '');
    const { DATA_DIR: _, ...others } = process.env;
    const env = { ...others, CURL_HOME: directory, PORT: String(port) };
    // npx keeps what it makes of a copy for good: in the user's cache only what is worth it.
    if (!installs) Object.assign(env, { npm_config_cache: join(directory, 'npm') });
    const { code, stdout, stderr } = await bash(script, copy, env);
    const written = writtenBy(stdout);
    const lint = lintOf(
      copy,
      filesIn(copy).filter((path) => !before.has(path)),
    );
    if (code === 0) return { written, lint };
    const tail = readFileSync(log, 'utf8').slice(-2000);
    return { written, lint, failure: `exit code ${code}\n${stderr.slice(-4000)}\n${tail}` };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What git knows of, changed or not, and unless it is to be made there what was installed and built. */
function copyRepository(copy: string, isInstalled: boolean): void {
  const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  // A link to modules elsewhere is no directory to git, and an installation in the copy would follow it.
  const paths = listed.split('\0').filter((name) => !['', 'node_modules', 'dist'].includes(name));
  for (const path of paths) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path));
  }
  if (!isInstalled) return;
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
}

/** The files that a person would commit. */
function filesIn(copy: string): string[] {
  return readdirSync(copy).flatMap((name) => {
    if (['node_modules', 'dist', '.data'].includes(name)) return [];
    if (!statSync(join(copy, name)).isDirectory()) return [name];
    return readdirSync(join(copy, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(copy, join(entry.parentPath, entry.name)));
  });
}

/** What a person who did the steps would read of `npm run lint`. */
function lintOf(copy: string, paths: readonly string[]): string {
  if (paths.length === 0) return '';
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['--error-on-warnings', '--no-errors-on-unmatched'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'check', ...options, ...paths],
    { cwd: copy, encoding: 'utf8' },
  );
  return status === 0 ? '' : stdout + stderr;
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn('bash', [script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, ...written }));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
