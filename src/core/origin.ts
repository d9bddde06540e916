import { LapidaryError } from './errors.js';

/**
 * A browser that runs beside the server would send what any page asks it to: only our own pages may, and those
 * of the sites that are allowed.
 * @returns why it may not, if so
 */
export function foreignPage(
  { origin, host }: { origin?: string | undefined; host?: string | undefined },
  allowed: ReadonlySet<string>,
): LapidaryError | undefined {
  if (origin === undefined || allowed.has(origin)) return undefined;
  if (URL.canParse(origin) && new URL(origin).host === host) return undefined;
  return new LapidaryError('cross_origin', `a page of ${origin} may not ask this of ${host}`);
}

/** Whether only this machine can call an address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}

/**
 * A page of another site can have the name of its site lead to this machine, and so become one of ours (DNS
 * rebinding): where nobody is asked for a key, the server must be called by its own name.
 * @param host the header
 * @returns why it may not, if so
 */
export function foreignHost(host: string | undefined): LapidaryError | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  if (isLoopback((bracketed ?? plain ?? '').toLowerCase())) return undefined;
  const detail = `this server is for its own machine and was called as ${host ?? 'nothing'}: ACCESS=keys or ACCESS=open lets others call`;
  return new LapidaryError('cross_origin', detail);
}
