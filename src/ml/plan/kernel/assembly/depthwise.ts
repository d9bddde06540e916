// Convolution of one image channel by channel, each with its own filter.
import { atLeast } from './math';

/**
 * Convolves `pixels` windows to as many pixels of `channels` floats, with `low` as the lower bound of results. Image,
 * `offsets` and y are as in convolution.ts; `taps` holds the distance of each pixel of a window from its first,
 * `weights` the channels' weights for each tap.
 */
export function convolveDepthwise(
  x: usize,
  offsets: usize,
  pixels: usize,
  taps: usize,
  tapCount: usize,
  weights: usize,
  bias: usize,
  y: usize,
  channels: usize,
  low: f32,
): void {
  const step = channels << 2;
  const whole = step & ~15;
  const tapsEnd = taps + (tapCount << 2);
  let pixel: usize = 0;
  for (; pixel + 4 <= pixels; pixel += 4) {
    const at = offsets + (pixel << 2);
    const x0 = x + load<u32>(at);
    const x1 = x + load<u32>(at, 4);
    const x2 = x + load<u32>(at, 8);
    const x3 = x + load<u32>(at, 12);
    const to = y + pixel * step;
    for (let channel: usize = 0; channel < whole; channel += 16) {
      let a0 = v128.load(bias + channel);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let weight = weights + channel;
      for (let tap = taps; tap < tapsEnd; tap += 4) {
        const from = channel + load<u32>(tap);
        const w = v128.load(weight);
        a0 = f32x4.add(a0, f32x4.mul(v128.load(x0 + from), w));
        a1 = f32x4.add(a1, f32x4.mul(v128.load(x1 + from), w));
        a2 = f32x4.add(a2, f32x4.mul(v128.load(x2 + from), w));
        a3 = f32x4.add(a3, f32x4.mul(v128.load(x3 + from), w));
        weight += step;
      }
      v128.store(to + channel, atLeast(a0, low));
      v128.store(to + step + channel, atLeast(a1, low));
      v128.store(to + 2 * step + channel, atLeast(a2, low));
      v128.store(to + 3 * step + channel, atLeast(a3, low));
    }
  }
  for (let rest = pixel; rest < pixels; rest++) {
    const from = x + load<u32>(offsets + (rest << 2));
    for (let channel: usize = 0; channel < whole; channel += 16) {
      let a = v128.load(bias + channel);
      let weight = weights + channel;
      for (let tap = taps; tap < tapsEnd; tap += 4) {
        a = f32x4.add(a, f32x4.mul(v128.load(from + channel + load<u32>(tap)), v128.load(weight)));
        weight += step;
      }
      v128.store(y + rest * step + channel, atLeast(a, low));
    }
  }
  // The channels that do not fill a vector.
  for (pixel = 0; pixel < pixels; pixel++) {
    const from = x + load<u32>(offsets + (pixel << 2));
    for (let channel = whole; channel < step; channel += 4) {
      let a = f32.load(bias + channel);
      let weight = weights + channel;
      for (let tap = taps; tap < tapsEnd; tap += 4) {
        a += f32.load(from + channel + load<u32>(tap)) * f32.load(weight);
        weight += step;
      }
      f32.store(y + pixel * step + channel, max(a, low));
    }
  }
}
