import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Directory } from '../../src/adapters/objects/directory.js';
import type { DatasetDefinition } from '../../src/datasets/definition.js';
import { type BatchLimits, DatasetService } from '../../src/datasets/service.js';
import { type UploadLimits, UploadService } from '../../src/datasets/uploads.js';
import { testApp } from './app.js';
import { openDatasets } from './stores.js';

/** The definition of flats and their rents. */
export const FLATS: DatasetDefinition = {
  features: [
    { name: 'area', kind: 'number', minimum: 1 },
    { name: 'city', kind: 'category', categories: ['Bern', 'Chur'] },
    { name: 'since', kind: 'datetime', optional: true },
  ],
  target: { name: 'rent' },
};

/** Returns a number of valid flats, which depend on the first number. */
export function flats(rows: number, first = 0): string {
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},Bern,2026-01-31,${first + i}`);
  return ['area,city,since,rent', ...lines, ''].join('\n');
}

export const sha256 = (bytes: string | Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex');

/** Yields bytes in pieces of a size. */
export async function* chunked(bytes: string | Uint8Array, size = 1 << 16) {
  const all = Buffer.from(bytes as string);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

/** Reads a stream as text. */
export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** Returns a directory for datasets, and services on it. */
export function newDatasets(limits: Partial<BatchLimits & UploadLimits> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-datasets-'));
  const { bytes = 1 << 24, badShare = 0.1, partBytes = 1 << 20, lifeMs = 3_600_000 } = limits;
  const open = () => {
    const { store, uploadStore } = openDatasets(new Directory(directory));
    const datasets = new DatasetService(store, { bytes, badShare });
    const uploads = new UploadService(uploadStore, datasets, { partBytes, lifeMs });
    return { store, uploadStore, datasets, uploads };
  };
  const remove = () => rmSync(directory, { recursive: true, force: true });
  return { directory, open, remove, ...open() };
}

/** Returns the API with datasets in a directory of their own. */
export function datasetsApp(limits: Partial<BatchLimits & UploadLimits> = {}) {
  const world = newDatasets(limits);
  return { ...world, ...testApp({ datasets: async () => world }) };
}
