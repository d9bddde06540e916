import { exp } from './math';

/**
 * Computes the softmax of each row in place: rows have `width` floats, and are `stride` floats (a multiple of 4, at least
 * width) apart. The floats between width and stride are overwritten.
 */
export function softmax(at: usize, rows: usize, width: usize, stride: usize): void {
  const step = stride << 2;
  for (const last = at + rows * step; at < last; at += step) {
    const end = at + (width << 2);
    let top = f32.load(at);
    for (let i = at + 4; i < end; i += 4) top = max(top, f32.load(i));
    for (let i = at; i < end; i += 16) v128.store(i, exp(f32x4.sub(v128.load(i), f32x4.splat(top))));
    let sum: f32 = 0;
    for (let i = at; i < end; i += 4) sum += f32.load(i);
    const share = f32x4.splat(1.0 / sum);
    for (let i = at; i < end; i += 16) v128.store(i, f32x4.mul(v128.load(i), share));
  }
}
