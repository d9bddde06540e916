import type { Bucket } from './bucket.js';

/** What keys have in common up to a slash, as files have a directory. */
export interface Directory {
  name: string;
  /** What its keys begin with. */
  path: string;
  /** When anything in it was written last. */
  modified: Date;
}

/** The directories below a prefix that ends with a slash, sorted; all their objects are listed. */
export async function directoriesIn(bucket: Bucket, prefix: string): Promise<Directory[]> {
  const directories: Directory[] = [];
  for await (const { key, modified } of bucket.list(prefix)) {
    const [name, inside] = key.slice(prefix.length).split('/', 2);
    if (inside === undefined) continue;
    // Keys come sorted: those of one directory one after another.
    let last = directories.at(-1);
    if (last?.name !== name) {
      last = { name: name!, path: `${prefix}${name}/`, modified };
      directories.push(last);
    }
    if (modified > last!.modified) last!.modified = modified;
  }
  return directories;
}
