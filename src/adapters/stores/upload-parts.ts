import { LapidaryError } from '../../core/errors.js';
import type { Part, UploadState } from '../../datasets/port.js';
import type { StoredObject } from '../objects/objects.js';

/** A key without a size is of version 0.1.0, whose object holds the bytes of the part. */
const PART_KEY = /^(.*\/)parts\/(\d+)\.(\d{6}\.([0-9a-f-]{36}))\.([0-9a-f]{64})(?:\.(\d+))?$/;

/** A part, as the key of its object describes it. */
export interface StoredPart extends Part {
  key: string;
  /** Key of the object that holds its bytes. */
  data: string;
  /** Of two parts of one number, the one with the greater turn is valid. */
  turn: string;
}

/** Decides whether an upload accepts parts. */
export function isOpenUpload({ batch, expiresAt }: UploadState): boolean {
  return batch === undefined && new Date(expiresAt) > new Date();
}

/** Returns the key of the bytes of a part. @param directory that of its upload */
export function dataKey(directory: string, id: string): string {
  return `${directory}data/${id}`;
}

/** Parses the key of a part; returns undefined for another object. */
export function parsePart({ key, bytes }: Omit<StoredObject, 'modified'>): StoredPart | undefined {
  const [, directory, number, turn, id, checksum, size] = PART_KEY.exec(key) ?? [];
  if (checksum === undefined) return undefined;
  const part = { number: Number(number), checksum, key, turn: turn! };
  return size === undefined
    ? { ...part, bytes, data: key }
    : { ...part, bytes: Number(size), data: dataKey(directory!, id!) };
}

/** Returns the part that replaces the latest one of its number. @param id of its bytes */
export function nextPart(
  directory: string,
  { number, checksum, bytes }: Part,
  last: StoredPart | undefined,
  id: string,
): StoredPart {
  const count = Number(last?.turn.split('.', 1) ?? 0) + 1;
  const turn = `${String(count).padStart(6, '0')}.${id}`;
  const key = `${directory}parts/${number}.${turn}.${checksum}.${bytes}`;
  return { number, checksum, bytes, key, data: dataKey(directory, id), turn };
}

/** Returns the latest part of each number, in order. */
export function latestParts(all: Iterable<StoredPart>): StoredPart[] {
  const last = new Map<number, StoredPart>();
  for (const part of all) {
    const other = last.get(part.number);
    if (!other || other.turn < part.turn) last.set(part.number, part);
  }
  return [...last.values()].sort((a, b) => a.number - b.number);
}

export function noUpload(upload: string): LapidaryError {
  return new LapidaryError('upload_not_found', `upload "${upload}" does not exist`);
}

export function partGone(number: number): LapidaryError {
  return new LapidaryError('upload_incomplete', `part ${number} was replaced or removed meanwhile`);
}
