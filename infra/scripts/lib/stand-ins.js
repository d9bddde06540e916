// @ts-check
// Substitutes for images, without an engine that builds them: a directory with the contents of /app, and a manifest in
// the repository whose digest names it.
import { createHash } from 'node:crypto';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { aws } from './aws.js';

/** Inside the project, where the applications find their packages. */
const ROOT = resolve('node_modules/.cache/lapidary/rehearsal');

/** The images: two that work, and one that lacks a package. */
const CONTENTS = {
  first: undefined,
  second: undefined,
  broken: "import 'a-package-that-is-not-there';\n",
};

/** @typedef {keyof typeof CONTENTS} Name */

/** @returns {Promise<{ roots: Record<Name, string>, remove: () => Promise<void> }>} */
export async function makeStandIns() {
  const own = join(ROOT, String(process.pid));
  const entries = await Promise.all(
    Object.entries(CONTENTS).map(async ([name, main]) => {
      const root = join(own, name);
      await mkdir(join(root, 'infra'), { recursive: true });
      await cp('dist', join(root, 'dist'), { recursive: true });
      for (const part of ['model', 'infra/lambda-runtime'])
        await symlink(resolve(part), join(root, part));
      await cp('package.json', join(root, 'package.json'));
      if (main !== undefined) await writeFile(join(root, 'dist/main.js'), main);
      return [name, root];
    }),
  );
  return {
    roots: Object.fromEntries(entries),
    remove: () => rm(own, { recursive: true, force: true }),
  };
}

/**
 * Puts a manifest into the repository, like the end of a push.
 * @param {string} region @param {string} repository its name @param {string} tag
 * @returns {Promise<string>} its digest
 */
export async function pushStandIn(region, repository, tag) {
  const of = [
    '--repository-name',
    repository,
    '--image-tag',
    tag,
    '--image-manifest',
    manifest(tag),
  ];
  const { image } = await aws(region, 'ecr', 'put-image', ...of);
  return image.imageId.imageDigest;
}

/** @param {string} content */
function manifest(content) {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const type = 'application/vnd.docker';
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: `${type}.distribution.manifest.v2+json`,
    config: { mediaType: `${type}.container.image.v1+json`, size: content.length, digest },
    layers: [],
  });
}
