// Bundles the application for Node: dist/main.js, and beside it what it loads lazily, with the licences of what is in it.
// With --bench the benchmarks too, to dist/bench; with --fuzz what fuzzes the API, to dist/fuzz. With --if-stale only
// what is missing or older than its sources.
import { rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { BUNDLES, isStale } from './bundle.js';
import { thirdPartyLicenses } from './licenses.js';

const isWanted = (name) => !process.argv.includes('--if-stale') || isStale(name);

if (isWanted('main')) {
  rmSync('dist', { recursive: true, force: true });
  const { metafile } = await build({ ...BUNDLES.main, metafile: true });
  writeFileSync('dist/THIRD-PARTY-LICENSES', thirdPartyLicenses(metafile));
}
for (const name of ['bench', 'fuzz'])
  if (process.argv.includes(`--${name}`) && isWanted(name)) await build(BUNDLES[name]);
