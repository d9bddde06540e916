// Bundles the application for Node: dist/main.js, its lazy chunks, and the licences of bundled packages. --bench adds the
// benchmarks in dist/bench, --fuzz the fuzzer in dist/fuzz. --if-stale builds only bundles that are missing or stale.
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
