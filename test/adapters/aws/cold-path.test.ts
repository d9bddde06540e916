import { expect, it } from '@jest/globals';
import { build } from 'esbuild';

/** All sources that are loaded with an entry, before anything is imported lazily. */
async function loadedWith(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    metafile: true,
    write: false,
    outdir: 'unwritten',
    platform: 'node',
    format: 'esm',
    external: ['lmdb', '@tensorflow/*', 'sharp'],
  });
  const outputs = Object.entries(metafile.outputs);
  const [first] = outputs.find(([, { entryPoint }]) => entryPoint === entry)!;
  const loaded = new Set([first]);
  for (const path of loaded) {
    for (const { path: next, kind, external } of metafile.outputs[path]!.imports)
      if (kind === 'import-statement' && !external) loaded.add(next);
  }
  return [...loaded].flatMap((path) => Object.keys(metafile.outputs[path]!.inputs));
}

it.each(['src/hosts/lambda/api.ts', 'src/hosts/server.ts'])(
  '%s loads nothing of AWS before it is asked for',
  async (entry) => {
    const loaded = await loadedWith(entry);
    expect(loaded).toContain('src/adapters/stores/registry.ts');
    expect(loaded.filter((path) => /@aws-sdk|@smithy|adapters\/aws/.test(path))).toEqual([]);
  },
  30_000,
);
