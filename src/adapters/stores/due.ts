import type { Due, DueStore } from '../../chores/port.js';
import type { Objects } from '../objects/objects.js';

const ROOT = 'due/';

/**
 * Each entry is an empty object, `due/<at>/<chore>,<client>,<subject>,<failures>`: one list returns a thousand of them,
 * the earliest first.
 */
export class StoredDue implements DueStore {
  constructor(private readonly objects: Objects) {}

  add(due: Due): Promise<boolean> {
    return this.objects.createOnce(keyOf(due), new Uint8Array(), { free: true });
  }

  async list(now: Date, limit: number): Promise<Due[]> {
    const found: Due[] = [];
    for await (const { key } of this.objects.list(ROOT)) {
      const due = parse(key);
      if (due.at > now) break;
      found.push(due);
      if (found.length === limit) break;
    }
    return found;
  }

  remove(due: Due): Promise<void> {
    return this.objects.remove([keyOf(due)]);
  }
}

function keyOf({ at, chore, client, subject, failures }: Due): string {
  const name = [chore, client, subject, failures].map(encodeURIComponent).join(',');
  return `${ROOT}${at.toISOString()}/${name}`;
}

function parse(key: string): Due {
  const [at, name = ''] = key.slice(ROOT.length).split('/');
  const [chore = '', client = '', subject = '', failures] = name.split(',').map(decodeURIComponent);
  return { at: new Date(at!), chore, client, subject, failures: Number(failures) };
}
