import { type Operation, parametersOf } from './document.js';
import { type Answer, type FuzzRequest, jsonOf } from './exchange.js';

/** Path parameters that belong together, such as an upload and its dataset. */
export type Tuple = Readonly<Record<string, string>>;

export interface Part {
  number: number;
  checksum: string;
}

/** The models that come with Lapidary. */
export const SHIPPED: readonly string[] = ['diamonds', 'digits', 'flights'];

const MOST_OF_A_KIND = 40;
const MOST_CURSORS = 20;
const numbered = (what: string, count: number) =>
  Array.from({ length: count }, (_, i) => `fuzz-${what}-${i + 1}`);

/** What a run may name, whether it is there yet or not; all of it is the run's own. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  dataset: ['boxes', 'boxes', ...numbered('dataset', 2)],
  model: [...SHIPPED, ...numbered('model', 3)],
  client: numbered('client', 4),
  plan: ['free', 'standard', 'unlimited', ...numbered('plan', 3)],
  alias: ['champion', 'challenger', 'challenger', 'fuzz-alias'],
  part: ['1', '1', '1', '2'],
  month: [new Date().toISOString().slice(0, 7), '2020-02'],
};

/** Properties and parameters that take a name of another kind. */
const KIND_OF: Readonly<Record<string, string>> = {
  a: 'version',
  b: 'version',
  expected: 'version',
  id: 'client',
};

/** What a run has learned from the answers: what there is to be asked for. */
export class Knowledge {
  /** Keys that were issued on the way, by what they are called. */
  readonly keys = new Map<string, string>();
  readonly tags: string[] = [];
  private readonly tuples = new Map<string, Tuple[]>();
  private readonly parts = new Map<string, Part[]>();
  /** The client of each of those keys. */
  readonly clients = new Map<string, string>();
  private readonly cursors = new Map<string, string[]>();

  constructor(private readonly operations: readonly Operation[]) {}

  /** The names that something of this kind may go by. */
  names(property: string): readonly string[] {
    const kind = KIND_OF[property] ?? property;
    const learned = [...this.tuples.values()].flat().flatMap((tuple) => tuple[kind] ?? []);
    // What is there is more worth asking for than what might be.
    const known = [...new Set(learned)];
    return [...(OWN[kind] ?? []), ...known, ...known, ...known];
  }

  /** The same, for what belongs to an operation or a path alone. */
  namesFor(operation: Operation, tuple: Tuple): (property: string) => readonly string[] {
    return (property) => {
      if (property === 'cursor') return this.cursors.get(operation.id) ?? [];
      const isVersion = (KIND_OF[property] ?? property) === 'version';
      return isVersion && 'model' in tuple ? this.versionsOf(tuple) : this.names(property);
    };
  }

  /** Values for a path, of which all that can belong together do. */
  tuplesOf(path: string): Tuple[] {
    const names = parametersOf(path);
    const known = [...this.tuples.values()].flat();
    if (names.includes('a')) return this.pairs();
    const shared = (tuple: Tuple) => names.filter((name) => name in tuple).length;
    const most = Math.max(0, ...known.map(shared));
    // One name alone is looked up with all others of its kind.
    const bases = most > 1 ? known.filter((tuple) => shared(tuple) === most) : [{}];
    const begun = bases.filter((tuple) => this.partsOf(tuple).length > 0);
    return /complete$/.test(path) && begun.length > 0 ? begun : bases;
  }

  versionsOf({ model }: Tuple): string[] {
    const versions = this.tuples.get('model,version') ?? [];
    return versions.filter((tuple) => tuple.model === model).map(({ version }) => version!);
  }

  partsOf({ upload }: Tuple): readonly Part[] {
    return this.parts.get(upload ?? '') ?? [];
  }

  /** Versions to compare. */
  private pairs(): Tuple[] {
    const versions = this.tuples.get('model,version') ?? [];
    return versions.flatMap(({ model, version }) =>
      ['champion', ...this.versionsOf({ model: model! })].map((b) => ({
        model: model!,
        a: version!,
        b,
      })),
    );
  }

  add(tuple: Tuple): void {
    const kind = Object.keys(tuple).sort().join();
    const known = this.tuples.get(kind) ?? [];
    if (known.some((each) => Object.keys(tuple).every((key) => each[key] === tuple[key]))) return;
    this.tuples.set(kind, [...known.slice(1 - MOST_OF_A_KIND), tuple]);
  }

  learn(operation: Operation, request: FuzzRequest, answer: Answer): void {
    const { etag, location } = answer.headers;
    if (etag !== undefined) keep(this.tags, etag);
    if (answer.status >= 300 || request.method !== operation.method) return;
    if (location !== undefined) this.learnPath(location);
    const tuple = tupleOf(operation.path, request.path);
    if (request.method === 'DELETE' && tuple) this.forget(tuple);
    const body = Object(jsonOf(answer)) as Record<string, unknown>;
    if (typeof body.next === 'string') {
      const cursors = this.cursors.get(operation.id) ?? [];
      keep(cursors, body.next);
      this.cursors.set(operation.id, cursors);
    }
    if (operation.id === 'putPart' && tuple) this.learnPart(tuple, body as unknown as Part);
    if (operation.id === 'listVersions' && tuple)
      for (const { id } of body.items as { id: string }[]) this.add({ ...tuple, version: id });
    if (typeof body.key === 'string') {
      this.keys.set(String(body.id), body.key);
      this.clients.set(String(body.id), String(body.client));
      this.add({ key: String(body.id) });
    }
    if (operation.id === 'predictBatch')
      this.add({ model: String(body.model), job: String(body.id) });
    const { version } = Object(body.result) as { version?: unknown };
    if (typeof version === 'string') this.add({ model: String(body.model), version });
  }

  /** What is gone takes along what belongs to it. */
  private forget(gone: Tuple): void {
    const isGone = (tuple: Tuple) =>
      Object.entries(gone).every(([name, value]) => tuple[name] === value);
    for (const [kind, tuples] of this.tuples)
      this.tuples.set(
        kind,
        tuples.filter((tuple) => !isGone(tuple)),
      );
  }

  private learnPath(location: string): void {
    for (const { path } of this.operations) {
      const tuple = tupleOf(path, location);
      if (tuple && Object.keys(tuple).length > 0) this.add(tuple);
    }
  }

  private learnPart({ upload }: Tuple, { number, checksum }: Part): void {
    const others = this.partsOf({ upload: upload! }).filter((part) => part.number !== number);
    this.parts.set(
      upload!,
      [...others, { number, checksum }].sort((a, b) => a.number - b.number),
    );
  }
}

/** The parameters of a path that follows a template; undefined when it does not. */
export function tupleOf(template: string, path: string): Tuple | undefined {
  const names = parametersOf(template);
  const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, '([^/?]+)')}(\\?.*)?$`);
  const found = pattern.exec(path);
  if (!found) return undefined;
  return Object.fromEntries(names.map((name, i) => [name, found[i + 1]!]));
}

function keep(list: string[], value: string): void {
  if (list.includes(value)) return;
  list.push(value);
  if (list.length > MOST_CURSORS) list.shift();
}
