// Convolution of one image in the layout NHWC. The caller has added zeros around the image for the padding.
//
// The positions of windows are looked up: `offsets` holds the first byte of each output pixel's window, relative to the
// image. A window consists of `runs` of `runLength` consecutive floats (a row of the window), each relative to the
// window's first byte.
import { atLeast } from './math';

/**
 * Convolves `pixels` windows to contiguous pixels of `outputs` channels (a multiple of 4), with `low` as the lower bound
 * of results. Weights are packed as in dense.ts, with the floats of a window in place of those of a row.
 */
export function convolve(
  x: usize,
  offsets: usize,
  pixels: usize,
  runs: usize,
  runCount: usize,
  runLength: usize,
  packed: usize,
  bias: usize,
  y: usize,
  outputs: usize,
  low: f32,
): void {
  const runsEnd = runs + (runCount << 2);
  const runBytes = runLength << 2;
  const yStep = outputs << 2;
  const window = runCount * runLength;
  const lastFour = offsets + (pixels << 2) - 16;
  for (let first: usize = 0; first < outputs; first += 8) {
    const panel = packed + ((first * window) << 2);
    const b = bias + (first << 2);
    const isWide = first + 8 <= outputs;
    let to = y + (first << 2);
    if (pixels < 4) {
      for (let i: usize = 0; i < pixels; i++) {
        const from = x + load<u32>(offsets + (i << 2));
        if (isWide) onePixelByEight(from, runs, runsEnd, runBytes, panel, b, to, low);
        else onePixelByFour(from, runs, runsEnd, runBytes, panel, b, to, low);
        to += yStep;
      }
      continue;
    }
    // The last four overlap the four before them if the number of pixels is not a multiple of 4.
    for (let at = offsets; at < lastFour + 16; at += 16) {
      if (at > lastFour) {
        to -= ((at - lastFour) >> 2) * yStep;
        at = lastFour;
      }
      const x0 = x + load<u32>(at);
      const x1 = x + load<u32>(at, 4);
      const x2 = x + load<u32>(at, 8);
      const x3 = x + load<u32>(at, 12);
      if (isWide) fourPixelsByEight(x0, x1, x2, x3, runs, runsEnd, runBytes, panel, b, to, yStep, low);
      else fourPixelsByFour(x0, x1, x2, x3, runs, runsEnd, runBytes, panel, b, to, yStep, low);
      to += yStep << 2;
    }
  }
}

// @ts-ignore: decorator
@inline
function fourPixelsByEight(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  runs: usize,
  runsEnd: usize,
  runBytes: usize,
  panel: usize,
  bias: usize,
  y: usize,
  yStep: usize,
  low: f32,
): void {
  let a0 = v128.load(bias);
  let b0 = v128.load(bias, 16);
  let a1 = a0;
  let b1 = b0;
  let a2 = a0;
  let b2 = b0;
  let a3 = a0;
  let b3 = b0;
  for (let run = runs; run < runsEnd; run += 4) {
    const offset = load<u32>(run);
    let p0 = x0 + offset;
    let p1 = x1 + offset;
    let p2 = x2 + offset;
    let p3 = x3 + offset;
    for (const end = p0 + runBytes; p0 < end; ) {
      const wa = v128.load(panel);
      const wb = v128.load(panel, 16);
      const v0 = v128.load32_splat(p0);
      a0 = f32x4.add(a0, f32x4.mul(v0, wa));
      b0 = f32x4.add(b0, f32x4.mul(v0, wb));
      const v1 = v128.load32_splat(p1);
      a1 = f32x4.add(a1, f32x4.mul(v1, wa));
      b1 = f32x4.add(b1, f32x4.mul(v1, wb));
      const v2 = v128.load32_splat(p2);
      a2 = f32x4.add(a2, f32x4.mul(v2, wa));
      b2 = f32x4.add(b2, f32x4.mul(v2, wb));
      const v3 = v128.load32_splat(p3);
      a3 = f32x4.add(a3, f32x4.mul(v3, wa));
      b3 = f32x4.add(b3, f32x4.mul(v3, wb));
      panel += 32;
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
    }
  }
  v128.store(y, atLeast(a0, low));
  v128.store(y, atLeast(b0, low), 16);
  y += yStep;
  v128.store(y, atLeast(a1, low));
  v128.store(y, atLeast(b1, low), 16);
  y += yStep;
  v128.store(y, atLeast(a2, low));
  v128.store(y, atLeast(b2, low), 16);
  y += yStep;
  v128.store(y, atLeast(a3, low));
  v128.store(y, atLeast(b3, low), 16);
}

// @ts-ignore: decorator
@inline
function fourPixelsByFour(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  runs: usize,
  runsEnd: usize,
  runBytes: usize,
  panel: usize,
  bias: usize,
  y: usize,
  yStep: usize,
  low: f32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (let run = runs; run < runsEnd; run += 4) {
    const offset = load<u32>(run);
    let p0 = x0 + offset;
    let p1 = x1 + offset;
    let p2 = x2 + offset;
    let p3 = x3 + offset;
    for (const end = p0 + runBytes; p0 < end; ) {
      const w = v128.load(panel);
      a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(p0), w));
      a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(p1), w));
      a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(p2), w));
      a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(p3), w));
      panel += 16;
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
    }
  }
  v128.store(y, atLeast(a0, low));
  v128.store(y + yStep, atLeast(a1, low));
  v128.store(y + (yStep << 1), atLeast(a2, low));
  v128.store(y + 3 * yStep, atLeast(a3, low));
}

// @ts-ignore: decorator
@inline
function onePixelByEight(
  x: usize,
  runs: usize,
  runsEnd: usize,
  runBytes: usize,
  panel: usize,
  bias: usize,
  y: usize,
  low: f32,
): void {
  let a = v128.load(bias);
  let b = v128.load(bias, 16);
  for (let run = runs; run < runsEnd; run += 4) {
    let p = x + load<u32>(run);
    for (const end = p + runBytes; p < end; p += 4) {
      const v = v128.load32_splat(p);
      a = f32x4.add(a, f32x4.mul(v, v128.load(panel)));
      b = f32x4.add(b, f32x4.mul(v, v128.load(panel, 16)));
      panel += 32;
    }
  }
  v128.store(y, atLeast(a, low));
  v128.store(y, atLeast(b, low), 16);
}

// @ts-ignore: decorator
@inline
function onePixelByFour(
  x: usize,
  runs: usize,
  runsEnd: usize,
  runBytes: usize,
  panel: usize,
  bias: usize,
  y: usize,
  low: f32,
): void {
  let a = v128.load(bias);
  for (let run = runs; run < runsEnd; run += 4) {
    let p = x + load<u32>(run);
    for (const end = p + runBytes; p < end; p += 4) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(p), v128.load(panel)));
      panel += 16;
    }
  }
  v128.store(y, atLeast(a, low));
}
