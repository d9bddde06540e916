// Takes out of node_modules what is never loaded at run time. Runs while the image is built.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// Type declarations, source maps and tests, and the bundles for browsers that TensorFlow.js brings.
const NEVER_LOADED = /\.map$|\.d\.[cm]?ts$|_test\.js$/;
const BROWSER_BUNDLE = /\/@tensorflow\/.*(\.es2017|\.fesm|\.min)\.js$/;

for (const entry of readdirSync('node_modules', { recursive: true, withFileTypes: true })) {
  const path = `/${join(entry.parentPath, entry.name)}`;
  if (entry.isFile() && (NEVER_LOADED.test(path) || BROWSER_BUNDLE.test(path)))
    rmSync(path.slice(1));
}
