// Bundles and their options, shared by the build and by `npm run dev`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
/** Installed packages are not bundled: they have native code or files of their own, and are loaded lazily. */
const LAZY = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
/** Fastify's schema compilers are replaced (src/http/schemas.ts), so they are not bundled. */
const REPLACED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'];
const TRAINING_WORKER = 'src/adapters/local/training-worker.ts';

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  sourcemap: true,
  // Chunks are beside the entries, so a path relative to import.meta.url is the same from each.
  chunkNames: 'chunk-[hash]',
  external: LAZY,
  // Bundled CommonJS packages call require.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  logLevel: 'warning',
};

/** The bundles by name: `main` is the application, the others are for development. */
export const BUNDLES = {
  main: {
    ...OPTIONS,
    outdir: 'dist',
    external: [...LAZY, ...REPLACED],
    entryPoints: {
      main: 'src/main.ts',
      'lambda-api': 'src/hosts/lambda/api.ts',
      'lambda-authorizer': 'src/hosts/lambda/authorizer.ts',
      'lambda-trainer': 'src/hosts/lambda/jobs.ts',
      'training-worker': TRAINING_WORKER,
    },
  },
  bench: { ...OPTIONS, outdir: 'dist/bench', entryPoints: ['bench/*.ts'] },
  fuzz: {
    ...OPTIONS,
    outdir: 'dist/fuzz',
    entryPoints: { main: 'test/fuzz/main.ts', 'training-worker': TRAINING_WORKER },
  },
};

/** The file that is written last, after the whole bundle. */
const LAST = {
  main: 'dist/THIRD-PARTY-LICENSES',
  bench: 'dist/bench/main.js',
  fuzz: 'dist/fuzz/main.js',
};
const SCRIPTS = ['build', 'bundle', 'licenses'].map((name) => `infra/scripts/${name}.js`);
const SOURCES = {
  main: ['src', ...SCRIPTS, 'package.json', 'package-lock.json'],
  bench: ['bench', 'dist/THIRD-PARTY-LICENSES'],
  fuzz: ['test', 'dist/THIRD-PARTY-LICENSES'],
};

/** Returns whether a bundle is missing or older than its sources. */
export function isStale(name) {
  if (!existsSync(LAST[name])) return true;
  const built = statSync(LAST[name]).mtimeMs;
  return SOURCES[name].some((path) => changedAt(path) > built);
}

/** Returns the time of the last change of a file, or of any file or folder in a folder. */
function changedAt(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const within = readdirSync(path).map((name) => changedAt(join(path, name)));
  return Math.max(stat.mtimeMs, ...within);
}
