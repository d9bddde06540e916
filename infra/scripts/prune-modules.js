// Leaves in node_modules what the built application loads at run time. Runs while the image is built,
// in a directory of its own: it takes dependencies out of package.json.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

// Type declarations, source maps and tests, and the bundles for browsers that TensorFlow.js brings.
const NEVER_LOADED = /\.map$|\.d\.[cm]?ts$|_test\.js$/;
const BROWSER_BUNDLE = /\/@tensorflow\/.*(\.es2017|\.fesm|\.min)\.js$/;

uninstall(bundledDependencies());
removeFiles('node_modules', (path) => NEVER_LOADED.test(path) || BROWSER_BUNDLE.test(path));

/** Dependencies that esbuild put into the bundle: nothing in dist asks for them by name any more. */
function bundledDependencies() {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const sources = readdirSync('dist')
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join('dist', name), 'utf8'));
  return Object.keys(dependencies).filter((name) => {
    const asked = new RegExp(`(from|import|require)\\s*\\(?\\s*["']${name}["'/]`);
    return !sources.some((source) => asked.test(source));
  });
}

function uninstall(names) {
  if (names.length === 0) return;
  execFileSync('npm', ['uninstall', '--omit=dev', ...names], { stdio: 'inherit' });
}

function removeFiles(directory, unwanted) {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && unwanted(`/${path}`)) rmSync(path);
  }
}
