import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LapidaryError } from '../../core/errors.js';

/*
 * Offsets in a data file. It starts with two meta pages, which point to the roots of two trees: free pages and
 * databases. A page starts with its own number. Numbers are little-endian.
 */
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const PAGE_HEADER = 24;
const FLAGS = 18;
const LOWER = 20;
const META = {
  magic: 24,
  version: 28,
  pageSize: 48,
  roots: [88, 136],
  lastPage: 144,
  transaction: 152,
};
const BRANCH = 1;
const LEAF = 2;
/** Flags of a node: its data is on overflow pages, or describes another tree. */
const BIG_DATA = 1;
const SUB_TREE = 2;
const ROOT_OF_SUB_TREE = 40;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const LARGEST_PAGE = 65_536;

/** Name of the data file of an environment. */
export const DATA = 'data.mdb';

const REMEDY = 'restore a backup of its directory, or move the directory away to start empty';

/**
 * Checks an environment before LMDB opens it. A missing one is sound.
 * @throws LapidaryError `storage_unavailable` naming the damaged file
 */
export function requireSound(directory: string): void {
  const data = join(directory, DATA);
  let fault: string | undefined;
  try {
    if (existsSync(data))
      fault = statSync(data).isFile() ? faultOfDataFile(data) : 'it is not a file';
  } catch (error) {
    throw unusable(data, (error as Error).message, error);
  }
  if (fault !== undefined) throw unusable(data, `${fault}; ${REMEDY}`);
}

export function unusable(path: string, fault: string, cause?: unknown): LapidaryError {
  const detail = `${path} cannot be used: ${fault}`;
  return new LapidaryError('storage_unavailable', detail, [], { cause });
}

/**
 * Returns the fault of a data file. LMDB maps it into memory and trusts it: reading beyond its end or following a broken
 * page number kills the process. Of a file with its full length only the roots are checked; of a shorter one, whose last
 * pages were never written, all pages.
 * @returns undefined for a sound file
 */
export function faultOfDataFile(path: string): string | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    // LMDB initialises an empty file.
    if (size === 0) return undefined;
    return faultOf(new PageReader(descriptor, size));
  } finally {
    closeSync(descriptor);
  }
}

class PageReader {
  pageSize = PAGE_HEADER + 136;

  constructor(
    private readonly descriptor: number,
    readonly size: number,
  ) {}

  get pages(): number {
    return Math.floor(this.size / this.pageSize);
  }

  /** Returns undefined beyond the end. */
  read(number: number): Buffer | undefined {
    const page = Buffer.alloc(this.pageSize);
    const at = number * this.pageSize;
    return readSync(this.descriptor, page, 0, page.length, at) < page.length ? undefined : page;
  }
}

function faultOf(reader: PageReader): string | undefined {
  const first = reader.read(0);
  if (!first || first.readUInt32LE(META.magic) !== MAGIC) return 'it is not an LMDB data file';
  const version = first.readUInt32LE(META.version);
  if (version !== VERSION) return `it has version ${version} of the LMDB format, not ${VERSION}`;
  reader.pageSize = first.readUInt32LE(META.pageSize);
  const { pageSize } = reader;
  if (pageSize < 512 || pageSize > LARGEST_PAGE || (pageSize & (pageSize - 1)) !== 0)
    return 'its first page is damaged';
  const metas = [reader.read(0), reader.read(1)];
  if (metas.some((meta) => !meta || meta.readUInt32LE(META.magic) !== MAGIC))
    return 'its first pages are damaged, or it was truncated';
  const [a, b] = metas as [Buffer, Buffer];
  const newest = transactionOf(a) >= transactionOf(b) ? a : b;
  const isWhole = newest.readBigUInt64LE(META.lastPage) < BigInt(reader.pages);
  const isSound = META.roots.every((at) =>
    isTree(reader, newest.readBigUInt64LE(at), isWhole ? 'root' : 'all'),
  );
  return isSound ? undefined : 'its pages are damaged, or it was truncated';
}

function transactionOf(meta: Buffer): bigint {
  return meta.readBigUInt64LE(META.transaction);
}

/** Decides whether a page, and optionally all pages below it, exist and have the right type. */
function isTree(reader: PageReader, root: bigint, depth: 'root' | 'all'): boolean {
  if (root === NO_PAGE) return true;
  const open = [root];
  const seen = new Set<bigint>();
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (number >= BigInt(reader.pages) || seen.has(number)) return false;
    seen.add(number);
    const page = reader.read(Number(number))!;
    const flags = page.readUInt16LE(FLAGS);
    if (page.readBigUInt64LE(0) !== number || (flags !== BRANCH && flags !== LEAF)) return false;
    if (depth === 'root') return true;
    const below = pagesBelow(page, flags === LEAF);
    if (!below || below.some((each) => each.last >= BigInt(reader.pages))) return false;
    open.push(...below.filter(({ isTree }) => isTree).map(({ first }) => first));
  }
  return true;
}

interface Below {
  first: bigint;
  last: bigint;
  isTree: boolean;
}

/** Returns the pages that the nodes of a page point to; undefined when a node is outside of the page. */
function pagesBelow(page: Buffer, isLeaf: boolean): Below[] | undefined {
  try {
    const nodes = page.readUInt16LE(LOWER) / 2;
    return Array.from({ length: nodes }, (_, i) => {
      const at = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + 2 * i);
      const flags = page.readUInt16LE(at + 4);
      if (!isLeaf) {
        const first = BigInt(page.readUInt32LE(at)) + (BigInt(flags) << 32n);
        return [{ first, last: first, isTree: true }];
      }
      const data = at + 8 + page.readUInt16LE(at + 6);
      if (flags & BIG_DATA) {
        const first = page.readBigUInt64LE(data);
        return [{ first, last: first + page.readBigUInt64LE(data + 16) - 1n, isTree: false }];
      }
      if (!(flags & SUB_TREE)) return [];
      const first = page.readBigUInt64LE(data + ROOT_OF_SUB_TREE);
      return first === NO_PAGE ? [] : [{ first, last: first, isTree: true }];
    }).flat();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
