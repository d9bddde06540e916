import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from '@swc/core';

/** An import or re-export of a source file. */
export interface Import {
  /** The importing file, relative to the root of the source. */
  from: string;
  /** The imported file, relative to the root of the source; of a package its specifier. */
  to: string;
  isPackage: boolean;
  /** `types` leave nothing at run time; `later` is loaded when `import()` is reached. */
  kind: 'value' | 'types' | 'later';
}

/** Replaces the specifier of an `import()` that is computed at run time. */
export const COMPUTED = '(computed)';

/** Reads the imports of all TypeScript files below a directory. */
export function readImports(root: string): Import[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** Returns the imports in the text of one file. */
export function importsOf(from: string, text: string): Import[] {
  const imports: Import[] = [];
  const add = (to: string, kind: Import['kind']): void => {
    const isPackage = !to.startsWith('.');
    const file = isPackage ? to : normalize(join(dirname(from), to)).replace(/\.js$/, '.ts');
    imports.push({ from, to: file, isPackage, kind });
  };
  visit(parseSync(text, { syntax: 'typescript', decorators: true }), (node) => {
    const source = node.source?.value;
    if (source !== undefined) add(source, hasOnlyTypes(node) ? 'types' : 'value');
    if (node.type === 'TsImportType') add(node.argument!.value!, 'types');
    if (node.type === 'CallExpression' && node.callee?.type === 'Import')
      add(literalOf(node.arguments![0]!.expression), 'later');
  });
  return imports;
}

/** Returns a cycle of files that import one another by value; undefined if there is none. */
export function findCircle(imports: readonly Import[]): string[] | undefined {
  const loads = new Map<string, string[]>();
  for (const { from, to, isPackage, kind } of imports)
    if (!isPackage && kind === 'value') loads.set(from, [...(loads.get(from) ?? []), to]);
  const finished = new Set<string>();
  const follow = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    for (const next of loads.get(file) ?? []) {
      const circle = follow(next, [...path, file]);
      if (circle) return circle;
    }
    finished.add(file);
    return undefined;
  };
  for (const file of loads.keys()) {
    const circle = follow(file, []);
    if (circle) return circle;
  }
  return undefined;
}

/** The fields of a syntax tree node that are read here. */
interface Node {
  type: string;
  typeOnly?: boolean;
  value?: string;
  source?: { value: string };
  specifiers?: { isTypeOnly?: boolean }[];
  callee?: Node;
  argument?: Node;
  arguments?: { expression: Node }[];
}

function literalOf({ type, value }: Node): string {
  return type === 'StringLiteral' ? value! : COMPUTED;
}

function hasOnlyTypes({ typeOnly, specifiers = [] }: Node): boolean {
  if (typeOnly) return true;
  return specifiers.length > 0 && specifiers.every(({ isTypeOnly }) => isTypeOnly);
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (typeof (value as Node).type === 'string') see(value as Node);
  for (const child of Object.values(value)) visit(child, see);
}
