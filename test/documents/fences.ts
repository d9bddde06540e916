import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the comment before a code fence says of it. */
export type Mark =
  /** Run by CI; those of README.md that are not `slow` by each test run, too. */
  | { when: 'run' | 'slow'; is?: { server: true } | { file: string } }
  | { when: 'not run'; reason: string };

/** A code fence of a page. */
export interface Fence {
  /** The path of the page, from the root of the repository. */
  page: string;
  /** The line of the page that opens it. */
  line: number;
  language: string;
  text: string;
  /** Undefined when the page does not say, or says nothing that is understood. */
  mark: Mark | undefined;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FENCE =
  /(?:^[ \t]*<!-- (?<mark>.*?) -->[ \t]*\n)?^(?<indent>[ \t]*)```(?<language>\w*)[ \t]*\n(?<text>(?:.*\n)*?)^[ \t]*```[ \t]*$/gm;

/** The pages whose fences are run: those at the root, and those in docs. */
export function pages(): string[] {
  const docs = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...docs.sort().map((name) => `docs/${name}`),
  ];
}

/** The code fences of a page, in their order. */
export function fencesOf(page: string, content = readFileSync(ROOT + page, 'utf8')): Fence[] {
  return [...content.matchAll(FENCE)].map(({ index, groups, 0: whole }) => {
    const { mark, indent, language, text } = groups as Record<string, string>;
    const before = content.slice(0, index + whole.indexOf('```'));
    return {
      page,
      line: before.split('\n').length,
      language: language!,
      text: text!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      mark: mark === undefined ? undefined : parseMark(mark),
    };
  });
}

function parseMark(mark: string): Mark | undefined {
  const [, when, rest = ''] = /^(run|slow|not run)(?:: (.+))?$/.exec(mark) ?? [];
  if (when === 'not run') return rest === '' ? undefined : { when, reason: rest };
  if (when !== 'run' && when !== 'slow') return undefined;
  if (rest === '') return { when };
  if (rest === 'a server') return { when, is: { server: true } };
  const [, file] = /^the file ([\w./-]+)$/.exec(rest) ?? [];
  return file === undefined ? undefined : { when, is: { file } };
}
