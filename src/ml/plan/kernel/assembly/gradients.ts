// The gradient of a convolution by its weights, image by image, for training.

/**
 * Adds to `gradient`, [taps, outputs], the product of each window's floats with the gradient of its output pixel at
 * `dy`: contiguous pixels of `outputs` floats (a multiple of 4). Image and `offsets` are as in convolution.ts; `taps`
 * holds the distance of each float of a window from its first.
 */
export function addWeightGradient(
  x: usize,
  offsets: usize,
  pixels: usize,
  taps: usize,
  tapCount: usize,
  dy: usize,
  outputs: usize,
  gradient: usize,
): void {
  const step = outputs << 2;
  const offsetsEnd = offsets + (pixels << 2);
  const end = taps + (tapCount << 2);
  for (; taps + 16 <= end; taps += 16) {
    const x0 = x + load<u32>(taps);
    const x1 = x + load<u32>(taps, 4);
    const x2 = x + load<u32>(taps, 8);
    const x3 = x + load<u32>(taps, 12);
    let first: usize = 0;
    for (; first + 32 <= step; first += 32) {
      fourTapsByEight(x0, x1, x2, x3, offsets, offsetsEnd, dy + first, step, gradient + first);
    }
    if (first < step) fourTapsByFour(x0, x1, x2, x3, offsets, offsetsEnd, dy + first, step, gradient + first);
    gradient += step << 2;
  }
  for (; taps < end; taps += 4) {
    const from = x + load<u32>(taps);
    for (let first: usize = 0; first < step; first += 16) {
      oneTapByFour(from, offsets, offsetsEnd, dy + first, step, gradient + first);
    }
    gradient += step;
  }
}

// @ts-ignore: decorator
@inline
function fourTapsByEight(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  offset: usize,
  offsetsEnd: usize,
  dy: usize,
  step: usize,
  g0: usize,
): void {
  const g1 = g0 + step;
  const g2 = g1 + step;
  const g3 = g2 + step;
  let a0 = v128.load(g0);
  let b0 = v128.load(g0, 16);
  let a1 = v128.load(g1);
  let b1 = v128.load(g1, 16);
  let a2 = v128.load(g2);
  let b2 = v128.load(g2, 16);
  let a3 = v128.load(g3);
  let b3 = v128.load(g3, 16);
  for (; offset < offsetsEnd; offset += 4) {
    const at = load<u32>(offset);
    const da = v128.load(dy);
    const db = v128.load(dy, 16);
    const v0 = v128.load32_splat(x0 + at);
    a0 = f32x4.add(a0, f32x4.mul(v0, da));
    b0 = f32x4.add(b0, f32x4.mul(v0, db));
    const v1 = v128.load32_splat(x1 + at);
    a1 = f32x4.add(a1, f32x4.mul(v1, da));
    b1 = f32x4.add(b1, f32x4.mul(v1, db));
    const v2 = v128.load32_splat(x2 + at);
    a2 = f32x4.add(a2, f32x4.mul(v2, da));
    b2 = f32x4.add(b2, f32x4.mul(v2, db));
    const v3 = v128.load32_splat(x3 + at);
    a3 = f32x4.add(a3, f32x4.mul(v3, da));
    b3 = f32x4.add(b3, f32x4.mul(v3, db));
    dy += step;
  }
  v128.store(g0, a0);
  v128.store(g0, b0, 16);
  v128.store(g1, a1);
  v128.store(g1, b1, 16);
  v128.store(g2, a2);
  v128.store(g2, b2, 16);
  v128.store(g3, a3);
  v128.store(g3, b3, 16);
}

// @ts-ignore: decorator
@inline
function fourTapsByFour(
  x0: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  offset: usize,
  offsetsEnd: usize,
  dy: usize,
  step: usize,
  g0: usize,
): void {
  const g1 = g0 + step;
  const g2 = g1 + step;
  const g3 = g2 + step;
  let a0 = v128.load(g0);
  let a1 = v128.load(g1);
  let a2 = v128.load(g2);
  let a3 = v128.load(g3);
  for (; offset < offsetsEnd; offset += 4) {
    const at = load<u32>(offset);
    const d = v128.load(dy);
    a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(x0 + at), d));
    a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(x1 + at), d));
    a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(x2 + at), d));
    a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(x3 + at), d));
    dy += step;
  }
  v128.store(g0, a0);
  v128.store(g1, a1);
  v128.store(g2, a2);
  v128.store(g3, a3);
}

// @ts-ignore: decorator
@inline
function oneTapByFour(x: usize, offset: usize, offsetsEnd: usize, dy: usize, step: usize, gradient: usize): void {
  let a = v128.load(gradient);
  for (; offset < offsetsEnd; offset += 4) {
    a = f32x4.add(a, f32x4.mul(v128.load32_splat(x + load<u32>(offset)), v128.load(dy)));
    dy += step;
  }
  v128.store(gradient, a);
}
