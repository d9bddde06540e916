/** What a page shows in place of what it leaves out. */
const LEFT_OUT = /\.\.\.|…/;

/**
 * Why what a command wrote has not the shape of what the page shows, or undefined when it has. Numbers, ids,
 * keys and times may differ, and so may blanks; `...` stands for anything, on a line of its own for any lines.
 */
export function differenceOf(shown: string, written: string): string | undefined {
  const json = [parse(shown), parse(written)];
  if (json[0] !== undefined && json[1] !== undefined) return jsonDifference(json[0], json[1], '$');
  return textDifference(linesOf(shown), linesOf(written));
}

function textDifference(shown: readonly string[], written: readonly string[]): string | undefined {
  const pattern = shown.map((line) =>
    isLeftOut(line) ? '(?:.*\n)*?' : `${line.split(LEFT_OUT).map(literal).join('.*')}\n`,
  );
  const text = written.map((line) => `${line}\n`).join('');
  if (new RegExp(`^${pattern.join('')}$`).test(text)) return undefined;
  const lines = new Set(written);
  const missing = shown.find((line) => !LEFT_OUT.test(line) && !lines.has(line));
  return missing === undefined
    ? 'its lines are others, or in another order'
    : `the page shows a line that was not written: ${missing}`;
}

function jsonDifference(shown: unknown, written: unknown, path: string): string | undefined {
  if (typeof shown === 'string' && LEFT_OUT.test(shown)) return undefined;
  if (kindOf(shown) !== kindOf(written))
    return `${path} is ${kindOf(written)}, not ${kindOf(shown)}`;
  if (typeof shown === 'string') {
    if (plain(shown) === plain(written as string)) return undefined;
    return `${path} is ${JSON.stringify(written)}, not ${JSON.stringify(shown)}`;
  }
  if (typeof shown !== 'object' || shown === null) return undefined;
  const keys = [Object.keys(shown), Object.keys(written as object)].map((each) => each.sort());
  if (String(keys[0]) !== String(keys[1]))
    return `${path} has ${keys[1]!.join(', ')}, not ${keys[0]!.join(', ')}`;
  for (const [key, value] of Object.entries(shown)) {
    const inner = (written as Record<string, unknown>)[key];
    const difference = jsonDifference(value, inner, `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const linesOf = (text: string) => text.trim().split('\n').map(plain);

/** A line without what may differ. */
function plain(line: string): string {
  return line
    .replaceAll(/\blap_\w+/g, '<key>')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>')
    .replaceAll(/\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{16})\b/g, '<id>')
    .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, '<time>')
    .replaceAll(/[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?/gi, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const isLeftOut = (line: string) => line === '...' || line === '…';
const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
