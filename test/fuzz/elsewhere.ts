import fc from 'fast-check';
import type { FuzzRequest } from './exchange.js';
import type { Material } from './request.js';

/** Paths without an operation: pages, and routes that are not mounted. */
const PATHS = [
  '/',
  '//',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/static/../../package.json',
  '/docs/static/%2e%2e/%2e%2e/package.json',
  '/docs/none',
  '/openapi.json',
  '/openapi.json?x=%zz',
  '/models/',
  '/models//predictions',
  '/models/diamonds/predictions/',
  '/MODELS',
  '/%',
  '/%zz',
  '/%00',
  '/..%2f..%2fetc/passwd',
  '/.git/config',
  '/favicon.ico',
  '/__proto__',
  '/datasets/../models',
  '/health/live/',
  '/health/live?',
  `/${'x'.repeat(4000)}`,
  '*',
] as const;

/** Requests that no operation of the document is meant by. */
export function elsewhere({ keys }: Material): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'),
      path: fc.constantFrom(...PATHS),
      key: keys,
      transport: fc.constantFrom('inject' as const, 'socket' as const),
    })
    .map(({ method, path, key, transport }) => ({
      method,
      path,
      headers: key ? { 'x-api-key': key.text } : {},
      ...(key && { key }),
      transport: path.startsWith('/') ? transport : ('socket' as const),
      times: 1 as const,
    }));
}
