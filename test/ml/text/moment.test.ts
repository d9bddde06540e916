import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ordersOf, readMoment } from '../../../src/ml/text/moment.js';

const iso = (text: string, order?: 'dmy' | 'mdy' | 'ymd') => {
  const moment = readMoment(text, order);
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
};

describe('a moment as people write it', () => {
  it.each([
    ['2024-01-31', '2024-01-31T00:00'],
    ['2024-1-5', '2024-01-05T00:00'],
    ['2024-01-31 10:00:00 UTC', '2024-01-31T10:00'],
    ['2024-01-31 10:00:00Z', '2024-01-31T10:00'],
    ['2024-01-31 10:00:00.123456', '2024-01-31T10:00:00.123'],
    ['2024-01-31 10:00:00+01:00', '2024-01-31T09:00'],
    ['2024-01-31T10:00:00+0100', '2024-01-31T09:00'],
    ['2024-01-31 10:00:00 -05', '2024-01-31T15:00'],
    ['2024-01-31 10:00 CET', '2024-01-31T09:00'],
    ['2024-01-31T10:00:00+01:00[Europe/Berlin]', '2024-01-31T09:00'],
    ['2024/01/31 10:00 PM', '2024-01-31T22:00'],
    ['2024/01/31 12:05 am', '2024-01-31T00:05'],
    ['2024.01.31', '2024-01-31T00:00'],
    ['20240131', '2024-01-31T00:00'],
    ['20240131T083000Z', '2024-01-31T08:30'],
    ['31.01.2024', '2024-01-31T00:00'],
    ['31.1.2024 8:30', '2024-01-31T08:30'],
    ['01.02.24', '2024-02-01T00:00'],
    ['Jun 12 1998', '1998-06-12T00:00'],
    ['Jun 12, 1998', '1998-06-12T00:00'],
    ['June 12th, 1998 at 5pm', '1998-06-12T17:00'],
    ['12 June 1998', '1998-06-12T00:00'],
    ['12-Jun-98', '1998-06-12T00:00'],
    ['12-JUN-2024 10:00:00', '2024-06-12T10:00'],
    ['12Jun1998', '1998-06-12T00:00'],
    ['12. Juni 1998', '1998-06-12T00:00'],
    ['12 juin 1998', '1998-06-12T00:00'],
    ['12 de junio de 1998', '1998-06-12T00:00'],
    ['1. März 2024', '2024-03-01T00:00'],
    ['Mar 5 2024', '2024-03-05T00:00'],
    ['2024-Jan-31', '2024-01-31T00:00'],
    ['Wed Jun 12 10:00:00 2024', '2024-06-12T10:00'],
    ['Wed Jun 12 10:00:00 UTC 2024', '2024-06-12T10:00'],
    ['Wed, 12 Jun 2024 10:00:00 +0200', '2024-06-12T08:00'],
    ['Wednesday, June 12, 2024', '2024-06-12T00:00'],
    ['31/Jan/2024:10:00:00 +0000', '2024-01-31T10:00'],
    ['2024-01', '2024-01-01T00:00'],
    ['01/2024', '2024-01-01T00:00'],
    ['Jan 2024', '2024-01-01T00:00'],
    ['Jan-24', '2024-01-01T00:00'],
    ['2024Q2', '2024-04-01T00:00'],
    ['2024-Q4', '2024-10-01T00:00'],
    ['Q1 2024', '2024-01-01T00:00'],
    ['2024-W05', '2024-01-29T00:00'],
    ['2021-W01-1', '2021-01-04T00:00'],
  ])('%j is %s', (text, expected) => {
    expect(iso(text)?.startsWith(expected)).toBe(true);
  });

  it.each(
    [
      ['2024-02-30', '2025-02-29', '2024-13-01', '2024-00-10', '31.02.2024', 'Jun 31 1998'],
      ['today', '', '5', '12', '2024', '10:30', '2024-01-31 25:00', '2024-01-31 13:00 PM'],
      ['2024-01-31 10:00 XYZ', '1.2.34', '10.0.0.1', '1234-56', '2024-W60', '2024-01-31x', 'May'],
      ['01/02/2024', '01/31/2024', '99999999'],
    ].flat(),
  )('%j is not one', (text) => {
    expect(iso(text)).toBeUndefined();
  });

  it.each([
    ['01/02/2024', 'dmy', '2024-02-01'],
    ['01/02/2024', 'mdy', '2024-01-02'],
    ['24/01/02', 'ymd', '2024-01-02'],
    ['1/31/99 5:00 PM', 'mdy', '1999-01-31'],
    ['01.02.2024', 'mdy', '2024-01-02'],
    ['31-12-2024', 'dmy', '2024-12-31'],
  ] as const)('%j in the order %s is %s', (text, order, expected) => {
    expect(iso(text, order)?.slice(0, 10)).toBe(expected);
  });

  it('may have the end of a day, or a word behind the time', () => {
    expect(iso('2024-02-28 24:00:00')).toBe(iso('2024-02-29'));
    expect(iso('2024-02-28 24:01:00')).toBeUndefined();
    expect(iso('28.02.2024 10:30 Uhr')).toBe(iso('2024-02-28T10:30'));
  });

  it('is not read in another order than it was said to have', () => {
    expect(iso('01/31/2024', 'dmy')).toBeUndefined();
    expect(ordersOf('01/31/2024')).toEqual({
      orders: ['mdy'],
      dotted: false,
      isShort: false,
    });
    expect(ordersOf('01/31/24')).toMatchObject({ isShort: true });
    expect(ordersOf('01/02/2024 10:00')?.orders).toEqual(['dmy', 'mdy']);
    expect(ordersOf('31.01.2024')).toMatchObject({ orders: ['dmy'], dotted: true });
    expect(ordersOf('2024-01-31')).toBeUndefined();
  });

  it('is the day that Intl wrote', () => {
    const day = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    });
    const locale = fc.constantFrom(
      'en-US',
      'en-GB',
      'de-DE',
      'fr-FR',
      'es-ES',
      'it-IT',
      'pt-BR',
      'nl-NL',
    );
    const style = fc.constantFrom('full', 'long', 'medium') as fc.Arbitrary<
      'full' | 'long' | 'medium'
    >;
    const property = fc.property(day, locale, style, (date, name, dateStyle) => {
      const text = date.toLocaleDateString(name, { dateStyle, timeZone: 'UTC' });
      expect([text, iso(text, name === 'en-US' ? 'mdy' : 'dmy')?.slice(0, 10)]).toEqual([
        text,
        date.toISOString().slice(0, 10),
      ]);
    });
    fc.assert(property, { numRuns: 1500 });
  });
});
