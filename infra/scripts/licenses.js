// The packages in a bundle and their licences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
/** Licences, and the notices that the Apache licence requires. */
const TEXT = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

/**
 * Returns the licences of all packages with code in the outputs, by name.
 * @param {import('esbuild').Metafile} metafile of the bundle
 * @throws Error that names the packages without a licence
 */
export function thirdPartyLicenses({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const directories = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (PACKAGE.exec(path) ?? []) : [],
  );
  const packages = [...new Set(directories)].sort().map(describe);
  const bare = packages.filter(({ license, text }) => !license && !text);
  if (bare.length > 0)
    throw new Error(`no licence found for ${bare.map(({ title }) => title).join(', ')}`);
  const groups = new Map(packages.map(({ text }) => [text, []]));
  for (const each of packages) groups.get(each.text).push(each);
  return [HEAD, ...[...groups].map(section)].join(`\n${RULE}\n\n`);
}

const HEAD = `Lapidary's bundle has code of the packages below. Packages that are installed beside it have
their licences in their own folders.
`;
const NO_TEXT = 'The package names its licence but has no licence file.';

function describe(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const { name, version, license, author } = manifest;
  const files = readdirSync(directory).filter((file) => TEXT.test(file));
  const texts = files.sort().map((file) => readFileSync(join(directory, file), 'utf8').trim());
  const title = [`${name} ${version}`, license, author?.name ?? author].filter(Boolean).join(', ');
  return { title, license, text: texts.join('\n\n') };
}

function section([text, packages]) {
  return `${packages.map(({ title }) => title).join('\n')}\n\n${text || NO_TEXT}\n`;
}
