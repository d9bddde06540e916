// Draws every imgs/*.dot to the SVG beside it. With --check it only tells which are out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Graphviz } from '@hpcc-js/wasm-graphviz';

const DIRECTORY = 'imgs';
const graphviz = await Graphviz.load();
const stale = [];

for (const source of readdirSync(DIRECTORY).filter((name) => name.endsWith('.dot'))) {
  const path = join(DIRECTORY, source.replace(/\.dot$/, '.svg'));
  const drawn = graphviz.dot(readFileSync(join(DIRECTORY, source), 'utf8'));
  if (drawn === read(path)) continue;
  stale.push(path);
  if (!process.argv.includes('--check')) writeFileSync(path, drawn);
}

if (stale.length > 0) console.log(`${stale.join(', ')} drawn anew`);
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
