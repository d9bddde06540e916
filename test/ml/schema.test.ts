import { describe, expect, it } from '@jest/globals';
import { instanceSchema } from '../../src/ml/schema.js';
import type { Feature } from '../../src/ml/spec.js';
import { readMoment } from '../../src/ml/text/moment.js';
import { specOf } from './encoding/shapes.js';

const schemaOf = (...features: Feature[]) =>
  instanceSchema({ ...specOf({ encode: 'missing', feature: 'a' }), features }) as {
    required: string[];
    properties: Record<string, object>;
  };

describe('the schema of instances', () => {
  it('requires the features that do not take null, and no others', () => {
    const { required } = schemaOf(
      { name: 'a', kind: 'number' },
      { name: 'b', kind: 'number', missing: [] },
      { name: 'c', kind: 'category', categories: ['x'] },
      { name: 'd', kind: 'category', categories: ['x'], unknown: true },
      { name: 'e', kind: 'datetime' },
      { name: 'f', kind: 'datetime', optional: true },
      { name: 'g', kind: 'datetime', missing: ['soon'] },
    );
    expect(required).toEqual(['a', 'c', 'e']);
  });

  it('takes the words that mean unknown, and says how dates are read', () => {
    const { properties } = schemaOf(
      { name: 'a', kind: 'number', minimum: 0, missing: ['<5', -1] },
      { name: 'b', kind: 'datetime', order: 'dmy' },
    );
    expect(properties).toEqual({
      a: { anyOf: [{ type: ['number', 'null'], minimum: 0 }, { enum: ['<5', -1] }] },
      b: {
        type: 'string',
        examples: expect.arrayContaining(['2024-01-31']),
        description: expect.stringMatching(/^A date, .* 01\/02\/2024 has the day first\.$/),
      },
    });
  });

  it.each(['ymd', 'dmy', 'mdy'] as const)(
    'names ways to write a date that are all read, with the order %s',
    (order) => {
      const { properties } = schemaOf({ name: 'a', kind: 'datetime', order, description: 'When.' });
      const { description, examples } = properties.a as { description: string; examples: string[] };
      const [, listed] = /^When\. A date, or date and time, such as (.*); UTC/.exec(description)!;
      const named = listed!.split(/, | or /);
      expect(named.length).toBeGreaterThan(5);
      const unread = [...named, ...examples].filter((text) =>
        Number.isNaN(readMoment(text, order)),
      );
      expect(unread).toEqual([]);
    },
  );
});
