import { BLOCK_BYTES, type OpenRoom, type Room, within } from '../core/room.js';
import type { DatasetStore, UploadStore } from '../datasets/port.js';
import type { BatchPredictionStore } from '../prediction/port.js';
import type { RegistryStore } from '../registry/port.js';
import type { ModelDefinitions } from '../training/port.js';
import type { Storage } from './storage.js';

type Sink = (bytes: Uint8Array) => Promise<void>;

/** The same storage, in which each byte takes room before it is written. */
export function countStorage(storage: Storage, open: OpenRoom): Storage {
  return {
    ...storage,
    registry: countVersions(storage.registry, open),
    async datasets() {
      const { store, uploads } = await storage.datasets();
      return { store: countBatches(store, open), uploads: countParts(uploads, open) };
    },
    async definitions(openDataset) {
      return countDefinitions(await storage.definitions(openDataset), open);
    },
    async batchPredictions() {
      return countPredictions(await storage.batchPredictions(), open);
    },
  };
}

function countVersions(store: RegistryStore, open: OpenRoom): RegistryStore {
  const counting: RegistryStore = Object.create(store);
  counting.publish = (model, id, files) =>
    within(open, async (room) => {
      for (const { length } of Object.values(files)) await room.take(length);
      return store.publish(model, id, files);
    });
  counting.moveAlias = (model, alias, expected, next) =>
    within(open, async (room) => {
      // Each move is a file that stays; one that takes an alias away follows one that set it.
      if (next) await room.take(BLOCK_BYTES);
      return store.moveAlias(model, alias, expected, next);
    });
  return counting;
}

function countBatches(store: DatasetStore, open: OpenRoom): DatasetStore {
  const counting: DatasetStore = Object.create(store);
  counting.define = (dataset, definition) =>
    within(open, async (room) => {
      await room.take(sizeOf(definition));
      return store.define(dataset, definition);
    });
  counting.putBatchOnce = (dataset, write) =>
    within(open, (room) =>
      store.putBatchOnce(dataset, ({ writeContent, writeQuarantine }) =>
        write({
          writeContent: counted(writeContent, room),
          writeQuarantine: counted(writeQuarantine, room),
        }),
      ),
    );
  return counting;
}

function countParts(store: UploadStore, open: OpenRoom): UploadStore {
  const counting: UploadStore = Object.create(store);
  counting.start = (dataset, upload) =>
    within(open, async (room) => {
      await room.take(sizeOf(upload));
      return store.start(dataset, upload);
    });
  counting.putPart = (dataset, upload, number, write) =>
    within(open, (room) =>
      store.putPart(dataset, upload, number, (sink) => write(counted(sink, room))),
    );
  return counting;
}

function countDefinitions(definitions: ModelDefinitions, open: OpenRoom): ModelDefinitions {
  const counting: ModelDefinitions = Object.create(definitions);
  counting.define = (spec, dataset, upkeep) =>
    within(open, async (room) => {
      await room.take(sizeOf(spec));
      return definitions.define(spec, dataset, upkeep);
    });
  return counting;
}

function countPredictions(store: BatchPredictionStore, open: OpenRoom): BatchPredictionStore {
  const counting: BatchPredictionStore = Object.create(store);
  counting.putInputOnce = (job, write) =>
    within(open, (room) => store.putInputOnce(job, (sink) => write(counted(sink, room))));
  counting.putResultOnce = (job, write) =>
    within(open, (room) =>
      store.putResultOnce(job, ({ writeContent, writeRejects }) =>
        write({
          writeContent: counted(writeContent, room),
          writeRejects: counted(writeRejects, room),
        }),
      ),
    );
  return counting;
}

function counted(sink: Sink, room: Room): Sink {
  return async (bytes) => {
    await room.take(bytes.length);
    await sink(bytes);
  };
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}
