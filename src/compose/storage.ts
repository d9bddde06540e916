import { join } from 'node:path';
import { LocalRegistryStore } from '../adapters/local/registry.js';
import type { Config } from '../config.js';
import type { DataSource, DatasetStore, UploadStore } from '../datasets/port.js';
import type { RegistryStore } from '../registry/port.js';
import type { ModelDefinitions } from '../training/port.js';

/** Where models and datasets are kept. */
export interface Storage {
  registry: RegistryStore;
  datasets(): Promise<{ store: DatasetStore; uploads: UploadStore }>;
  /** @param openDataset opens a dataset that a definition names */
  definitions(openDataset: OpenDataset): Promise<ModelDefinitions>;
}

type OpenDataset = (dataset: string) => Promise<DataSource>;

/** Opens them, there where the configuration says. */
export async function openStorage(config: Config): Promise<Storage> {
  return config.STORE === 'aws' ? onAws(config) : onThisMachine(config);
}

function onThisMachine(config: Config): Storage {
  return {
    registry: new LocalRegistryStore(config.MODEL_DIR),
    async datasets() {
      const { DatasetDirectories } = await import('../adapters/local/dataset-directories.js');
      const { LocalDatasetStore } = await import('../adapters/local/datasets.js');
      const { LocalUploadStore } = await import('../adapters/local/dataset-uploads.js');
      const directories = new DatasetDirectories(join(config.DATA_DIR, 'datasets'));
      const store = new LocalDatasetStore(directories);
      return { store, uploads: new LocalUploadStore(directories) };
    },
    async definitions(openDataset) {
      const { LocalModelDefinitions } = await import('../adapters/local/model-definitions.js');
      return new LocalModelDefinitions(config.MODEL_DIR, openDataset);
    },
  };
}

/** Nothing of AWS is loaded where it is not asked for. */
async function onAws(config: Config): Promise<Storage> {
  const { Bucket } = await import('../adapters/aws/bucket.js');
  const { newS3Client } = await import('../adapters/aws/s3-client.js');
  const { S3RegistryStore } = await import('../adapters/aws/registry.js');
  const bucket = new Bucket(newS3Client(config.AWS_ENDPOINT_URL !== ''), {
    name: config.S3_BUCKET,
    prefix: config.S3_PREFIX,
    largestBytes: config.BATCH_LIMIT_BYTES,
  });
  return {
    registry: new S3RegistryStore(bucket),
    async datasets() {
      const { DatasetStates } = await import('../adapters/aws/dataset-states.js');
      const { S3DatasetStore } = await import('../adapters/aws/datasets.js');
      const { S3UploadStore } = await import('../adapters/aws/dataset-uploads.js');
      const states = new DatasetStates(bucket);
      const store = new S3DatasetStore(bucket, states);
      return { store, uploads: new S3UploadStore(bucket, states) };
    },
    async definitions(openDataset) {
      const { S3ModelDefinitions } = await import('../adapters/aws/model-definitions.js');
      return new S3ModelDefinitions(bucket, openDataset);
    },
  };
}
