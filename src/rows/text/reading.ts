import { type Static, Type } from 'typebox';
import type { Dialect } from '../../csv/dialect.js';

/** How files are written, where it need not be found out. */
export const Reading = Type.Object(
  {
    charset: Type.Optional(
      Type.String({ description: 'Charset of the bytes, such as windows-1252.' }),
    ),
    delimiter: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1, description: 'What stands between fields.' }),
    ),
    decimal: Type.Optional(
      Type.Union([Type.Literal('point'), Type.Literal('comma')], {
        description: 'What stands before the decimals of a number.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Reading = Static<typeof Reading>;

/** Returns the part of a dialect that is known. */
export function dialectOf({ delimiter, decimal }: Reading): Partial<Dialect> {
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(decimal !== undefined && { decimalComma: decimal === 'comma' }),
  };
}

/** Collects what was inferred while data was read, each remark once. */
export class Remarks {
  readonly all: string[] = [];
  readonly add = (remark: string): void => {
    if (!this.all.includes(remark)) this.all.push(remark);
  };
}
