import { LapidaryError } from './errors.js';

/**
 * Refuses requests of pages of other sites, which a browser on this machine would send along.
 * @param allowed origins that may send requests
 * @returns undefined for an allowed request
 */
export function foreignPage(
  { origin, host }: { origin?: string | undefined; host?: string | undefined },
  allowed: ReadonlySet<string>,
): LapidaryError | undefined {
  if (origin === undefined || allowed.has(origin)) return undefined;
  if (URL.canParse(origin) && new URL(origin).host === host) return undefined;
  return new LapidaryError(
    'cross_origin',
    `the origin ${origin} may not send requests to ${host}: add it to CORS_ORIGINS`,
  );
}

/** Decides whether an address is a loopback address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}

/**
 * Refuses requests for another host name (DNS rebinding): without keys, only loopback names may be called.
 * @param host the `Host` header
 * @returns undefined for an allowed request
 */
export function foreignHost(host: string | undefined): LapidaryError | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  if (isLoopback((bracketed ?? plain ?? '').toLowerCase())) return undefined;
  const detail = `the server accepts requests to loopback addresses only, not to ${host ?? 'an empty host'}: set ACCESS=keys or ACCESS=open`;
  return new LapidaryError('cross_origin', detail);
}
