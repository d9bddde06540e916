import type { AnySchemaObject } from 'ajv';

/** What a body may be, by its content type. */
export type Content = Record<string, { schema: AnySchemaObject; example?: unknown }>;

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  schema: AnySchemaObject;
}

/** An operation, as the document describes it. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  parameters: readonly Parameter[];
  content: Content;
  responses: Record<string, { content?: Content }>;
}

type Described = Omit<Operation, 'id' | 'method' | 'path' | 'content'> & {
  operationId: string;
  requestBody?: { content: Content };
};

export interface OpenApi {
  paths: Record<string, Record<string, Partial<Described>>>;
}

/** Every operation of a document. */
export function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId!,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters ?? [],
      content: described.requestBody?.content ?? {},
      responses: described.responses!,
    })),
  );
}

/** The names of a path's parameters. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);
}
