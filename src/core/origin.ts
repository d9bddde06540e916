import { LapidaryError } from './errors.js';

/**
 * A browser that runs beside the server would send what any page asks it to: only our own pages may.
 * @throws LapidaryError `cross_origin`
 */
export function refuseForeignPages({
  origin,
  host,
}: {
  origin?: string | undefined;
  host?: string | undefined;
}): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new LapidaryError('cross_origin', `a page of ${origin} may not ask this of ${host}`);
}
