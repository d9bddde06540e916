import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where the product writes when it is started in the checkout and is told of no other place. */
const WRITTEN = ['.data', 'model', 'docs', 'examples'];

/** The paths of all files that the product may have written into the checkout. */
export function filesOfCheckout() {
  return WRITTEN.filter((name) => existsSync(join(ROOT, name))).flatMap((name) =>
    readdirSync(join(ROOT, name), { recursive: true }).map((path) => join(name, path)),
  );
}
