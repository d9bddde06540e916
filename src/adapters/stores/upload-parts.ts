import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import type { UploadState } from '../../datasets/port.js';

const UPLOAD_ID = /^[0-9a-f-]{36}$/;
const NAME = /^(\d+)\.(\d{6}\.([0-9a-f-]{36}))\.([0-9a-f]{64})$/;

/** What the name of a part tells: its number, the how-manieth of that number it is, its id, its checksum. */
export interface PartName {
  name: string;
  number: number;
  /** Of two parts of the same number the one counts that has more. */
  written: string;
  id: string;
  checksum: string;
}

export function isUploadId(id: string): boolean {
  return UPLOAD_ID.test(id);
}

/** Whether it can be gone on with. */
export function isOpenUpload({ batch, expiresAt }: UploadState): boolean {
  return batch === undefined && new Date(expiresAt) > new Date();
}

/** Undefined when it is no name of a part. */
export function parsePartName(name: string): PartName | undefined {
  const [, number, written, id, checksum] = NAME.exec(name) ?? [];
  if (checksum === undefined) return undefined;
  return { name, number: Number(number), written: written!, id: id!, checksum };
}

/** The name of a part that takes the place of the last of its number. */
export function nextPartName(
  number: number,
  last: PartName | undefined,
  checksum: string,
  id = uuidv7(),
): PartName {
  const turn = Number(last?.written.split('.', 1) ?? 0) + 1;
  const written = `${String(turn).padStart(6, '0')}.${id}`;
  return { name: `${number}.${written}.${checksum}`, number, written, id, checksum };
}

/** The parts that count, in the order of their numbers. */
export function latestParts<Named extends PartName>(all: Iterable<Named>): Named[] {
  const last = new Map<number, Named>();
  for (const part of all) {
    const other = last.get(part.number);
    if (!other || other.written < part.written) last.set(part.number, part);
  }
  return [...last.values()].sort((a, b) => a.number - b.number);
}

export function noUpload(upload: string): LapidaryError {
  return new LapidaryError('upload_not_found', `there is no upload "${upload}"`);
}

export function partGone(number: number): LapidaryError {
  return new LapidaryError('upload_incomplete', `part ${number} was replaced or removed meanwhile`);
}
