import { createReadStream } from 'node:fs';
import { basename, posix } from 'node:path';
import { uuidv7 } from '../../core/ids.js';
import type { Bytes, DataSource } from '../../rows/source.js';
import { type ModelFiles, StoredModelDefinitions } from '../shared/model-definitions.js';
import type { Bucket } from './bucket.js';

const ROOT = 'models/';

/** Definitions of models in S3, under the keys that the files on disk have. */
export class S3ModelDefinitions extends StoredModelDefinitions {
  /** @param openDataset opens a dataset that a source names */
  constructor(bucket: Bucket, openDataset: (name: string) => Promise<DataSource>) {
    super(new ModelObjects(bucket), openDataset);
  }
}

/** Objects `models/<model>/<file>`. These are the only ones that are replaced: S3 does so at once or not at all. */
class ModelObjects implements ModelFiles {
  constructor(private readonly bucket: Bucket) {}

  models(): Promise<string[]> {
    return this.bucket.names(ROOT);
  }

  read(model: string, file: string): Promise<string | undefined> {
    return this.bucket.readText(keyOf(model, file));
  }

  replace(model: string, file: string, text: string): Promise<void> {
    return this.bucket.replace(keyOf(model, file), Buffer.from(text));
  }

  remove(model: string, file: string): Promise<void> {
    return this.bucket.remove([keyOf(model, file)]);
  }

  open(model: string, file: string): Bytes {
    return { read: () => this.bucket.stream(keyOf(model, file)) };
  }

  /** It is copied, each time anew: who trains elsewhere finds it, and who reads another is left alone. */
  async keepData(model: string, path: string): Promise<string> {
    const file = `data/${uuidv7()}/${basename(path)}`;
    const writer = this.bucket.write(keyOf(model, file));
    try {
      for await (const bytes of createReadStream(path)) await writer.write(bytes as Uint8Array);
      await writer.end();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return file;
  }
}

/** A source may name data of another model, `../gems/data.csv`. */
function keyOf(model: string, file: string): string {
  return posix.join(ROOT, model, file);
}
