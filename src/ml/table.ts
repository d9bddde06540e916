/**
 * Rows of a dataset as columns of numbers: a number feature as it is (NaN where missing), a category
 * as its index in the spec, a datetime as milliseconds since 1970.
 */
export class Table {
  constructor(
    private readonly columns: ReadonlyMap<string, Float64Array>,
    /** The target of each row. */
    readonly target: Float64Array,
  ) {}

  get rows(): number {
    return this.target.length;
  }

  /** One feature of all rows. */
  column(feature: string): Float64Array {
    const column = this.columns.get(feature);
    if (!column) throw new Error(`the table has no column ${feature}`);
    return column;
  }

  /** The rows at the given indices, in that order. */
  take(indices: ArrayLike<number>): Table {
    const pick = (column: Float64Array) =>
      Float64Array.from({ length: indices.length }, (_, i) => column[indices[i]!]!);
    const columns = new Map([...this.columns].map(([name, column]) => [name, pick(column)]));
    return new Table(columns, pick(this.target));
  }
}
