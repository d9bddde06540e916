import { parseArgs } from 'node:util';
import { type Failure, fuzz } from './fuzz.js';

const HELP = `Sends requests made from /openapi.json to the whole API, and judges each answer by it.

npm run fuzz -- [--requests N] [--seed S] [--operation NAME]
  --requests   how many are sent; 10000 when left out
  --seed       the same one makes the same requests; drawn when left out
  --operation  the only operation that is asked, by its operationId; "elsewhere": what is none
`;
const EVERY = 500;

const write = (text: string) => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    operation: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help) write(HELP);
else process.exit((await main(whole('requests'), whole('seed'), values.operation)) ? 0 : 1);

function whole(name: 'requests' | 'seed'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name} must be a whole number, not "${values[name]}"\n`);
  process.exit(2);
}

/** @returns whether all answers were as they should be */
async function main(requests: number, seed: number, operation?: string): Promise<boolean> {
  write(`seed ${seed}, ${requests} requests`);
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
  const { sent, statuses, failures, wrong } = await fuzz({
    requests,
    seed,
    ...(operation !== undefined && { operation }),
    onProgress: (n) => n % EVERY === 0 && write(`${n} requests, ${seconds()}`),
  });
  for (const [id, counts] of [...statuses].sort(([a], [b]) => a.localeCompare(b)))
    write(`${id.padEnd(26)} ${told(counts)}`);
  for (const failure of failures) write(`\n${describe(failure, seed, operation)}`);
  for (const what of wrong) write(`\nWRONG ${what}`);
  write(
    `\n${sent} requests in ${seconds()}, seed ${seed}: ${failures.length + wrong.length} failures`,
  );
  return failures.length + wrong.length === 0;
}

function told(counts: ReadonlyMap<number, number>): string {
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status || 'left'}: ${count}`)
    .join('  ');
}

function describe(failure: Failure, seed: number, operation: string | undefined): string {
  const only = operation === undefined ? '' : ` --operation ${operation}`;
  return [
    `FAILED ${failure.operation} (${failure.world}): ${failure.fault}`,
    `  ${failure.curl}`,
    `  again: npm run fuzz -- --seed ${seed} --requests ${failure.request}${only}`,
  ].join('\n');
}
