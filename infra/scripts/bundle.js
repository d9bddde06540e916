// Bundles and their options, shared by the build and by `npm run dev`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
/** Installed packages are not bundled: they have native code or files of their own, and are loaded lazily. */
const LAZY = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
/** Fastify's schema compilers are replaced (src/http/schemas.ts), so they are not bundled. */
const REPLACED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'];
const TRAINING_WORKER = 'src/adapters/local/training-worker.ts';
const API = 'src/hosts/lambda/api.ts';

/**
 * Bundles the modules that the API loads at its start into one file, without those that need Fastify: workers and
 * commands do not. esbuild makes a file of the modules that the same entries reach, and each lazy import is an entry, so
 * these would be in some forty, which Node reads one by one.
 * @type {import('esbuild').Plugin}
 */
const TOGETHER = {
  name: 'together',
  setup(build) {
    const namespace = 'together';
    build.onResolve({ filter: /^together$/ }, ({ path }) => ({ path, namespace }));
    build.onResolve({ filter: /./, namespace }, ({ path }) => ({
      path: resolve(path),
      sideEffects: true,
    }));
    build.onLoad({ filter: /./, namespace }, async () => {
      const { metafile } = await build.esbuild.build({
        ...OPTIONS,
        splitting: false,
        packages: 'external',
        entryPoints: [API],
        outdir: 'dist',
        write: false,
        metafile: true,
      });
      const modules = [...loadedBy(API, metafile.inputs)].filter(
        (path) => !/^src\/(hosts|http)\//.test(path),
      );
      return { contents: modules.map((path) => `import ${JSON.stringify(path)};`).join('') };
    });
  },
};

/**
 * Loads some modules of Node when Fastify first uses them, instead of at each start: few servers listen with TLS, HTTP/2
 * or at the name of a host, and no function does.
 * @type {import('esbuild').Plugin}
 */
const LATE = {
  name: 'late',
  setup(build) {
    build.onLoad({ filter: /node_modules\/fastify\/lib\/server\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      for (const name of ['https', 'http2', 'dns']) {
        const load = `require('node:${name}')`;
        const early = `const ${name} = ${load}\n`;
        if (!contents.includes(early)) throw new Error(`${path} does not load ${name} as expected`);
        const use = new RegExp(`(?<![.'\\w])${name}\\.`, 'g');
        contents = contents.replace(early, '').replace(use, `${load}.`);
      }
      return { contents };
    });
  },
};

/** Returns a module and those that it imports, but for lazy imports. */
function loadedBy(path, inputs, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const { kind, external, path: imported } of inputs[path].imports)
    if (kind === 'import-statement' && !external) loadedBy(imported, inputs, found);
  return found;
}

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
    inject: ['together'],
    plugins: [TOGETHER, LATE],
    entryPoints: {
      main: 'src/main.ts',
      'lambda-api': API,
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
