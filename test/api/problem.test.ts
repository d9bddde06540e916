import { describe, expect, it } from '@jest/globals';
import { problemResponses, toProblem } from '../../src/api/problem.js';
import { ERRORS, type ErrorCode, LapidaryError } from '../../src/core/errors.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('a problem', () => {
  it.each(CODES)('of code %s has the status and title of the table', (code) => {
    const error = new LapidaryError(code, 'what happened');
    expect(error.status).toBe(ERRORS[code].status);
    expect(toProblem(error, 'r-1')).toEqual({
      type: `urn:lapidary:problem:${code}`,
      title: ERRORS[code].title,
      status: ERRORS[code].status,
      code,
      detail: 'what happened',
      instance: 'urn:request:r-1',
    });
  });

  it('lists every fault in the input', () => {
    const faults = [
      { instance: 3, field: 'cut', code: 'unknown_category', message: 'no', allowed: ['Ideal'] },
      { instance: 4, code: 'wrong_type', message: 'must be an object' },
    ];
    const error = new LapidaryError('invalid_instances', 'two are wrong', faults);
    expect(toProblem(error, 'r-1').errors).toEqual(faults);
  });

  it.each([
    ['an error', new TypeError('cannot read "password" of /srv/keys')],
    ['an error that calls itself ours', Object.assign(new Error('secret'), { code: 'not_ready' })],
    ['a string', 'secret'],
    ['nothing', undefined],
    ['null', null],
  ])('of %s that is unexpected names the contact, and nothing internal', (_what, thrown) => {
    expect(toProblem(thrown, 'r-7')).toEqual({
      type: 'urn:lapidary:problem:internal',
      title: ERRORS.internal.title,
      status: 500,
      code: 'internal',
      detail: 'Quote request r-7 when you report this.',
      instance: 'urn:request:r-7',
    });
  });

  it('does not show the cause of an error for the caller', () => {
    const cause = new Error('/srv/models/weights.bin: EIO');
    const error = new LapidaryError('version_corrupt', 'version 1 is damaged', [], { cause });
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(toProblem(error, 'r-1'))).not.toContain('EIO');
  });
});

describe('the documentation of a route', () => {
  it('names the problems it can answer with, and always the internal one', () => {
    const responses = problemResponses(404, 422);
    expect(Object.keys(responses)).toEqual(['404', '422', '500']);
    for (const response of Object.values(responses)) {
      expect(response).toMatchObject({
        description: expect.stringMatching(/.{5}/),
        content: { 'application/problem+json': { schema: { type: 'object' } } },
      });
    }
  });
});
