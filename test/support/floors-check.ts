import { basename } from 'node:path';
import * as table from '../floors.js';
import type { Import } from './imports.js';

const folderOf = (file: string) => file.split('/')[0]!;

/** Returns why imports are refused. @param floors the table, as test/floors.ts exports it */
export function refusalsOf(imports: readonly Import[], floors: typeof table = table): string[] {
  return imports.flatMap((each) => {
    const refusal = refusalOf(each, floors);
    return refusal === undefined ? [] : [`${each.from}: ${refusal}`];
  });
}

/** Returns why an import is refused; undefined where it is allowed. */
function refusalOf(
  { from, to, isPackage, kind }: Import,
  { CAPABILITIES, DOORS, FLOORS, OPEN }: typeof table,
): string | undefined {
  const isCapability = (name: string) => (CAPABILITIES as readonly string[]).includes(name);
  const isDoor = (file: string) => {
    const [, name, ...deeper] = file.split('/');
    // A file at the top of its capability that has the name of a door.
    return OPEN.has(file) || (deeper.length === 0 && DOORS.some((door) => name === `${door}.ts`));
  };
  const folder = folderOf(from);
  const floor = FLOORS[folder];
  if (!floor) return `${folder} has no row in test/floors.ts`;
  if (isPackage) {
    if (basename(from) === 'service.ts' && /^(fastify|@aws-sdk|node:fs)/.test(to))
      return `a service sees neither Fastify nor files nor AWS, not ${to}`;
    return floor.packages.includes(to) ? undefined : `${folder} may not import ${to}`;
  }
  const other = folderOf(to);
  if (folder === other) return undefined;
  if (!floor.folders.includes(other)) return `${folder} may not import ${other}`;
  if (folder === 'adapters' && isCapability(other) && kind !== 'types' && !isDoor(to))
    return `adapters see the types and the ports of a capability, not ${to}`;
  if (isCapability(other) && folder !== 'compose' && !isDoor(to))
    return `${to} is inside ${other}: it is imported by its doors only`;
  return undefined;
}
