// Bundles the application for Node: dist/main.js, and beside it what it loads lazily, with the licences of what is in it.
// With --bench the benchmarks too, to dist/bench; with --fuzz what fuzzes the API, to dist/fuzz.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { thirdPartyLicenses } from './licenses.js';

const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
/** What is installed beside the bundle is not in it: it brings native code or files of its own, and is loaded lazily. */
const LAZY = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
/** Fastify's compilers of schemas are replaced (src/http/schemas.ts): a start need not even read them. */
const REPLACED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'];

/** @type {import('esbuild').BuildOptions} */
const options = {
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  sourcemap: true,
  // Chunks lie beside the entries, so that a path relative to import.meta.url is the same from each.
  chunkNames: 'chunk-[hash]',
  external: LAZY,
  // CommonJS packages inside the bundle ask for require.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  ...options,
  metafile: true,
  outdir: 'dist',
  external: [...LAZY, ...REPLACED],
  entryPoints: {
    main: 'src/main.ts',
    'lambda-api': 'src/hosts/lambda/api.ts',
    'lambda-authorizer': 'src/hosts/lambda/authorizer.ts',
    'lambda-trainer': 'src/hosts/lambda/trainer.ts',
    'training-worker': 'src/adapters/local/training-worker.ts',
  },
});
writeFileSync('dist/THIRD-PARTY-LICENSES', thirdPartyLicenses(metafile));
if (process.argv.includes('--bench')) {
  await build({ ...options, outdir: 'dist/bench', entryPoints: ['bench/*.ts'] });
}
if (process.argv.includes('--fuzz')) {
  await build({
    ...options,
    outdir: 'dist/fuzz',
    entryPoints: {
      main: 'test/fuzz/main.ts',
      'training-worker': 'src/adapters/local/training-worker.ts',
    },
  });
}
