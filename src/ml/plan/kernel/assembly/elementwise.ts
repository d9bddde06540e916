/** Computes y = a + b over `count` floats (a multiple of 4); y may be a or b. */
export function add(y: usize, a: usize, b: usize, count: usize): void {
  for (const end = y + (count << 2); y < end; y += 16) {
    v128.store(y, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
}

/** Computes y = a * b over `count` floats (a multiple of 4); y may be a or b. */
export function multiply(y: usize, a: usize, b: usize, count: usize): void {
  for (const end = y + (count << 2); y < end; y += 16) {
    v128.store(y, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
}

/** Multiplies `count` floats (a multiple of 4) by `factor` in place. */
export function scale(at: usize, count: usize, factor: f32): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), f32x4.splat(factor)));
  }
}

/** Computes y = x * factor + shift by column; rows are contiguous, of `width` floats (a multiple of 4). */
export function affine(x: usize, y: usize, rows: usize, width: usize, factor: usize, shift: usize): void {
  const bytes = width << 2;
  for (const last = y + rows * bytes; y < last; ) {
    for (let column: usize = 0; column < bytes; column += 16) {
      const scaled = f32x4.mul(v128.load(x + column), v128.load(factor + column));
      v128.store(y + column, f32x4.add(scaled, v128.load(shift + column)));
    }
    x += bytes;
    y += bytes;
  }
}

/** Copies `width` floats of each row; strides are in floats from row to row. */
export function copyColumns(x: usize, xStride: usize, y: usize, yStride: usize, width: usize, rows: usize): void {
  const bytes = width << 2;
  const whole = bytes & ~15;
  for (; rows > 0; rows--) {
    let column: usize = 0;
    for (; column < whole; column += 16) v128.store(y + column, v128.load(x + column));
    for (; column < bytes; column += 4) f32.store(y + column, f32.load(x + column));
    x += xStride << 2;
    y += yStride << 2;
  }
}

/**
 * Looks up a row of `width` floats for each row of x, which holds its number. A number outside the table of `entries`
 * rows reads the nearest row, never other memory.
 */
export function gather(
  x: usize,
  xStride: usize,
  table: usize,
  entries: usize,
  y: usize,
  yStride: usize,
  width: usize,
  rows: usize,
): void {
  for (; rows > 0; rows--) {
    const entry = min(<usize>max<f32>(f32.load(x), 0.0), entries - 1);
    memory.copy(y, table + ((entry * width) << 2), width << 2);
    x += xStride << 2;
    y += yStride << 2;
  }
}

/** Sums `rows` contiguous rows of `width` floats, column by column. */
export function sumRows(x: usize, rows: usize, width: usize, y: usize): void {
  const step = width << 2;
  const whole = step & ~15;
  const end = x + rows * step;
  memory.fill(y, 0, step);
  // Blocks of rows stay in the cache for all columns, and sums of sums are more precise.
  for (let block = x; block < end; ) {
    const blockEnd = min(block + (step << 6), end);
    for (let column: usize = 0; column < whole; column += 16) {
      let sum = f32x4.splat(0);
      for (let at = block + column; at < blockEnd; at += step) sum = f32x4.add(sum, v128.load(at));
      v128.store(y + column, f32x4.add(v128.load(y + column), sum));
    }
    for (let column = whole; column < step; column += 4) {
      let sum: f32 = 0;
      for (let at = block + column; at < blockEnd; at += step) sum += f32.load(at);
      f32.store(y + column, f32.load(y + column) + sum);
    }
    block = blockEnd;
  }
}
