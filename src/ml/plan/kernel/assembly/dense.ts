// y = x W + b.
//
// W is packed in panels of 8 neighbouring outputs (the last may have 4): each has the 8 weights of input 0, then of
// input 1, and so on. So both loops below read weights sequentially, and outputs padded to a multiple of 4 have no tail.

/**
 * Multiplies `rows` rows of `inputs` floats, `xStride` floats apart, to contiguous rows of `outputs` floats (a multiple of
 * 4). `packed` has inputs * outputs floats, `bias` has outputs.
 */
export function dense(
  x: usize,
  xStride: usize,
  rows: usize,
  inputs: usize,
  packed: usize,
  bias: usize,
  y: usize,
  outputs: usize,
): void {
  const xStep = xStride << 2;
  const yStep = outputs << 2;
  let first: usize = 0;
  // The inner loop is over rows, so that the panel (32 bytes per input) stays in the first-level cache.
  for (; first + 8 <= outputs; first += 8) {
    const panel = packed + ((first * inputs) << 2);
    const b = bias + (first << 2);
    let row: usize = 0;
    let from = x;
    let to = y + (first << 2);
    for (; row + 4 <= rows; row += 4) {
      fourRowsByEight(from, xStep, inputs, panel, b, to, yStep);
      from += xStep << 2;
      to += yStep << 2;
    }
    for (; row < rows; row++) {
      oneRowByEight(from, inputs, panel, b, to);
      from += xStep;
      to += yStep;
    }
  }
  if (first < outputs) {
    const panel = packed + ((first * inputs) << 2);
    for (let row: usize = 0; row < rows; row++) {
      oneRowByFour(x + row * xStep, inputs, panel, bias + (first << 2), y + row * yStep + (first << 2));
    }
  }
}

/** Computes eight sums of four floats, which fit the 16 SIMD registers of x86-64 beside their operands. */
// @ts-ignore: decorator
@inline
function fourRowsByEight(x: usize, xStep: usize, inputs: usize, panel: usize, bias: usize, y: usize, yStep: usize): void {
  let x0 = x;
  let x1 = x0 + xStep;
  let x2 = x1 + xStep;
  let x3 = x2 + xStep;
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  for (const end = x0 + (inputs << 2); x0 < end; ) {
    const wa = v128.load(panel);
    const wb = v128.load(panel, 16);
    const v0 = v128.load32_splat(x0);
    a0 = f32x4.add(a0, f32x4.mul(v0, wa));
    b0 = f32x4.add(b0, f32x4.mul(v0, wb));
    const v1 = v128.load32_splat(x1);
    a1 = f32x4.add(a1, f32x4.mul(v1, wa));
    b1 = f32x4.add(b1, f32x4.mul(v1, wb));
    const v2 = v128.load32_splat(x2);
    a2 = f32x4.add(a2, f32x4.mul(v2, wa));
    b2 = f32x4.add(b2, f32x4.mul(v2, wb));
    const v3 = v128.load32_splat(x3);
    a3 = f32x4.add(a3, f32x4.mul(v3, wa));
    b3 = f32x4.add(b3, f32x4.mul(v3, wb));
    panel += 32;
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  v128.store(y, a0);
  v128.store(y, b0, 16);
  y += yStep;
  v128.store(y, a1);
  v128.store(y, b1, 16);
  y += yStep;
  v128.store(y, a2);
  v128.store(y, b2, 16);
  y += yStep;
  v128.store(y, a3);
  v128.store(y, b3, 16);
}

/** Adds four inputs at a time to separate sums, since each addition to one sum would wait for the last. */
// @ts-ignore: decorator
@inline
function oneRowByEight(x: usize, inputs: usize, panel: usize, bias: usize, y: usize): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = f32x4.splat(0);
  let b1 = a1;
  let a2 = a1;
  let b2 = a1;
  let a3 = a1;
  let b3 = a1;
  const end = x + (inputs << 2);
  for (; x + 16 <= end; x += 16) {
    const v0 = v128.load32_splat(x);
    a0 = f32x4.add(a0, f32x4.mul(v0, v128.load(panel)));
    b0 = f32x4.add(b0, f32x4.mul(v0, v128.load(panel, 16)));
    const v1 = v128.load32_splat(x, 4);
    a1 = f32x4.add(a1, f32x4.mul(v1, v128.load(panel, 32)));
    b1 = f32x4.add(b1, f32x4.mul(v1, v128.load(panel, 48)));
    const v2 = v128.load32_splat(x, 8);
    a2 = f32x4.add(a2, f32x4.mul(v2, v128.load(panel, 64)));
    b2 = f32x4.add(b2, f32x4.mul(v2, v128.load(panel, 80)));
    const v3 = v128.load32_splat(x, 12);
    a3 = f32x4.add(a3, f32x4.mul(v3, v128.load(panel, 96)));
    b3 = f32x4.add(b3, f32x4.mul(v3, v128.load(panel, 112)));
    panel += 128;
  }
  for (; x < end; x += 4) {
    const v = v128.load32_splat(x);
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(panel)));
    b0 = f32x4.add(b0, f32x4.mul(v, v128.load(panel, 16)));
    panel += 32;
  }
  v128.store(y, f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)));
  v128.store(y, f32x4.add(f32x4.add(b0, b1), f32x4.add(b2, b3)), 16);
}

// @ts-ignore: decorator
@inline
function oneRowByFour(x: usize, inputs: usize, panel: usize, bias: usize, y: usize): void {
  let a0 = v128.load(bias);
  let a1 = f32x4.splat(0);
  let a2 = a1;
  let a3 = a1;
  const end = x + (inputs << 2);
  for (; x + 16 <= end; x += 16) {
    a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(x), v128.load(panel)));
    a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(x, 4), v128.load(panel, 16)));
    a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(x, 8), v128.load(panel, 32)));
    a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(x, 12), v128.load(panel, 48)));
    panel += 64;
  }
  for (; x < end; x += 4) {
    a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(x), v128.load(panel)));
    panel += 16;
  }
  v128.store(y, f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)));
}
