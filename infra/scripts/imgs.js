// Draws every imgs/*.dot to the SVG beside it, and the chart of costs. --check only lists those that are out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { drawCost } from '../cost/chart.js';
import { readFacts } from '../cost/facts.js';
import { usualWorkload } from '../cost/options.js';

const DIRECTORY = 'imgs';
const graphviz = await Graphviz.load();
const stale = [];

for (const source of readdirSync(DIRECTORY).filter((name) => name.endsWith('.dot'))) {
  keep(
    source.replace(/\.dot$/, '.svg'),
    graphviz.dot(readFileSync(join(DIRECTORY, source), 'utf8')),
  );
}
const facts = readFacts();
keep('cost.svg', drawCost(facts, usualWorkload(facts)));

if (stale.length > 0) console.log(`${stale.join(', ')} drawn again`);
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;

function keep(name, drawn) {
  const path = join(DIRECTORY, name);
  if (drawn === read(path)) return;
  stale.push(path);
  if (!process.argv.includes('--check')) writeFileSync(path, drawn);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
