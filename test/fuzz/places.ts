import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A name that odd text has in it: whatever bears it has become a path. */
const ESCAPE = 'lapidary-fuzz-escape';

/**
 * Directories for a run, deep inside of one that has nothing else in it: a path that leads out of where it
 * should stay leaves something on the way.
 */
export class Places {
  private readonly outside = mkdtempSync(join(tmpdir(), 'lapidary-fuzz-'));
  private readonly inside = join(this.outside, 'a', 'b', 'c', 'd');
  private readonly known: string[] = [];
  private readonly before = { cwd: process.cwd(), temporary: process.env.TMPDIR };

  constructor() {
    process.env.TMPDIR = this.newPlace('temporary');
    process.chdir(this.newPlace('working'));
  }

  newPlace(name: string): string {
    const place = join(this.inside, name);
    mkdirSync(place, { recursive: true });
    this.known.push(name);
    return place;
  }

  /** What lies where nothing of the run belongs. */
  strays(): string[] {
    const strays = readdirSync(join(this.inside, 'working')).map((name) => `working/${name}`);
    let allowed = this.known;
    for (let place = this.inside; ; place = dirname(place)) {
      const others = readdirSync(place).filter((name) => !allowed.includes(name));
      strays.push(...others.map((name) => join(place, name)));
      if (place === this.outside) break;
      allowed = [place.slice(dirname(place).length + 1)];
    }
    for (const place of [dirname(this.outside), '/'])
      strays.push(...readdirSync(place).filter((name) => name.includes(ESCAPE)));
    return strays;
  }

  remove(): void {
    process.chdir(this.before.cwd);
    if (this.before.temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.before.temporary;
    rmSync(this.outside, { recursive: true });
  }
}
