// Runs proofs that take too long for npm test: npm run --silent prove -- NAME. Prints one line of JSON, and exits with 0 if
// the proof holds and with 1 if it fails.
import { parseArgs } from 'node:util';

const LIMIT_MS = 20 * 60_000;

/** Each proof is loaded on use: `prove(options)` resolves with its figures and `ok`. */
const PROOFS = {
  kills: 'acknowledged data survives SIGKILLs under eight writers [--kills N]',
  crashes: 'the crash journeys of the tests at full length',
  contention: 'the contract suites of the stores with all concurrent writers',
  fuzz: 'valid and hostile requests generated from /openapi.json [--requests N]',
  large: 'a gigabyte is uploaded and predicted in bounded memory [--megabytes N]',
  schemathesis: 'Schemathesis tests the API against /openapi.json',
  deployment: 'both environments are created and destroyed on an emulator',
};
const PATHS = { crashes: './tests.js', contention: './tests.js', deployment: './tests.js' };

const options = {
  kills: { type: 'string', default: '20' },
  requests: { type: 'string', default: '20000' },
  megabytes: { type: 'string', default: '1024' },
};
const { positionals, values } = parseArgs({ allowPositionals: true, options });
const [name] = positionals;

if (name === undefined || !Object.hasOwn(PROOFS, name)) {
  const list = Object.entries(PROOFS).map(([one, is]) => `  ${one.padEnd(13)} ${is}\n`);
  const usage = `npm run --silent prove -- NAME\n${list.join('')}`;
  if (name === undefined) process.stdout.write(usage);
  else process.stderr.write(`unknown proof: ${name}\n${usage}`);
  process.exit(name === undefined ? 0 : 2);
}

const began = Date.now();
const { prove } = await import(PATHS[name] ?? `./${name}.js`);
const { ok, ...figures } = await Promise.race([
  prove({ ...values, name }).catch((error) => ({ ok: false, error: error.message })),
  new Promise((resolve) => setTimeout(resolve, LIMIT_MS, { ok: false, error: 'time limit' })),
]);
const seconds = Math.round((Date.now() - began) / 1000);
process.stdout.write(`${JSON.stringify({ proof: name, ok, seconds, ...figures })}\n`);
// A process that outlives its proof may keep a pipe open.
process.exit(ok ? 0 : 1);
