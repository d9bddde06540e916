// @ts-check
// npm run cost: prints the cost of a month on AWS. --help lists the options.
import { writeFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { MEASURED, readFacts } from './facts.js';
import { program, usualWorkload, workloadOf } from './options.js';
import { writePage } from './page.js';
import { json, text } from './report.js';

try {
  await main(process.argv);
} catch (error) {
  // The error was printed already; help is not a failure.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`cost: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/** @param {string[]} argv */
async function main(argv) {
  const parsed = program(readFacts()).parse(argv);
  const options = parsed.opts();
  if (options.measure) {
    const { measure } = await import('./measure.js');
    const measured = await measure((line) => console.error(`cost: ${line}`));
    writeFileSync(MEASURED, `${JSON.stringify(measured, null, 2)}\n`);
  }
  const facts = readFacts(options.prices);
  if (options.page) writePage(readFacts(), usualWorkload(readFacts()));
  const workload = workloadOf(parsed, facts);
  process.stdout.write(options.json ? json(facts, workload) : text(facts, workload));
}
