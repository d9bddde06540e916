// Proves by trying: npm run prove -- NAME [--kills N]. Writes one line of JSON, and exits with 1 when the proof fails.
import { parseArgs } from 'node:util';
import { proveKills } from './kills.js';

const PROOFS = { kills: proveKills };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string', default: '20' } },
});
const proof = PROOFS[positionals[0]];
if (!proof) {
  process.stderr.write(`prove what? one of ${Object.keys(PROOFS).join(', ')}\n`);
  process.exit(2);
}
const result = await proof(values);
process.stdout.write(`${JSON.stringify(result)}\n`);
// A worker that outlives its server keeps the pipe open.
process.exit(result.ok ? 0 : 1);
