// Removes files from node_modules that are never loaded at run time. The image build runs it.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// Type declarations, source maps, tests, and the browser bundles of TensorFlow.js.
const NEVER_LOADED = /\.map$|\.d\.[cm]?ts$|_test\.js$/;
const BROWSER_BUNDLE = /\/@tensorflow\/.*(\.es2017|\.fesm|\.min)\.js$/;

for (const entry of readdirSync('node_modules', { recursive: true, withFileTypes: true })) {
  const path = `/${join(entry.parentPath, entry.name)}`;
  if (entry.isFile() && (NEVER_LOADED.test(path) || BROWSER_BUNDLE.test(path)))
    rmSync(path.slice(1));
}
