import { LapidaryError } from '../../core/errors.js';

/** Events of the API function. */
export type ApiEvent =
  | { kind: 'gateway'; event: unknown }
  /** Either may be missing, which is the caller's fault. */
  | { kind: 'direct'; model: unknown; instances: unknown };

/**
 * Classifies an event by its shape. An event for another service must not get an answer, as its sender would treat that
 * as success.
 * @throws LapidaryError `unknown_event`
 */
export function classifyEvent(event: unknown): ApiEvent {
  if (isObject(event)) {
    const { requestContext, version, httpMethod, path, model, instances, Records } = event;
    const context = (requestContext ?? {}) as Record<string, unknown>;
    if (version === '2.0' && isObject(context.http)) return { kind: 'gateway', event };
    if (typeof httpMethod === 'string' && typeof path === 'string' && isObject(requestContext)) {
      return { kind: 'gateway', event };
    }
    if (model !== undefined || instances !== undefined) return { kind: 'direct', model, instances };
    if (Array.isArray(Records)) {
      const source = String(Records[0]?.eventSource ?? 'an unknown source');
      throw new LapidaryError(
        'unknown_event',
        `this function does not accept records of ${source}`,
      );
    }
  }
  throw unexpected(EXPECTED, event);
}

const EXPECTED =
  'expected an event of API Gateway (version 1 or 2) or of a load balancer, or {"model": "…", "instances": […]}';

/** Returns the error of an event of another shape. @param expected describes the expected shapes */
export function unexpected(expected: string, event: unknown): LapidaryError {
  const found = isObject(event)
    ? `has ${Object.keys(event).slice(0, 8).join(', ') || 'nothing'}`
    : `is ${JSON.stringify(event)}`;
  return new LapidaryError('unknown_event', `${expected}; the event ${found}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
