import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { Dialect } from '../../csv/dialect.js';

/** The known format of a file; the rest is detected. */
export const Reading = Type.Object(
  {
    charset: Type.Optional(
      Type.String({ description: 'Charset of the bytes, such as windows-1252.' }),
    ),
    delimiter: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1, description: 'Character between fields.' }),
    ),
    decimal: Type.Optional(
      Type.Union([Type.Literal('point'), Type.Literal('comma')], {
        description: 'Decimal mark of numbers.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Reading = Static<typeof Reading>;

/** Returns the known part of a dialect. */
export function dialectOf({ delimiter, decimal }: Reading): Partial<Dialect> {
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(decimal !== undefined && { decimalComma: decimal === 'comma' }),
  };
}

/** Collects remarks about inferences, each once. */
export class Remarks {
  readonly all: string[] = [];
  readonly add = (remark: string): void => {
    if (!this.all.includes(remark)) this.all.push(remark);
  };
}
