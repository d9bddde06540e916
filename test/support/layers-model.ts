import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { artifactOf } from '../ml/plan/networks.js';

/** The files of a LayersModel by their names. */
export type ModelFiles = Record<string, Uint8Array>;

/** Returns the files that `model.save('file://...')` writes, or with shards those of tensorflowjs_converter. */
export async function filesOf(model: LayersModel, shards = 1): Promise<ModelFiles> {
  const { modelTopology, weightSpecs, weightData } = await artifactOf(model);
  const bytes = new Uint8Array(weightData);
  const size = Math.ceil(bytes.length / shards);
  const named = Array.from({ length: shards }, (_, i) => [
    shards === 1 ? 'weights.bin' : `group1-shard${i + 1}of${shards}.bin`,
    bytes.slice(i * size, (i + 1) * size),
  ]) as [string, Uint8Array][];
  const weightsManifest = [{ paths: named.map(([name]) => name), weights: weightSpecs }];
  const json =
    shards === 1
      ? { modelTopology, generatedBy: 'TensorFlow.js tfjs-layers v4.22.0', convertedBy: null }
      : {
          modelTopology: {
            keras_version: '2.15.0',
            backend: 'tensorflow',
            model_config: modelTopology,
          },
          generatedBy: 'keras v2.15.0',
          convertedBy: 'TensorFlow.js Converter v4.22.0',
        };
  return {
    'model.json': Buffer.from(JSON.stringify({ format: 'layers-model', ...json, weightsManifest })),
    ...Object.fromEntries(named),
  };
}

/** Writes files to a directory. */
export function writeFiles(directory: string, files: Record<string, Uint8Array | string>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
}
