// Pooling of one image in the layout NHWC. `windows` holds three u32 for each output pixel: the first byte of its window
// relative to the image, and the numbers of its rows and columns inside the image.

/** Returns the largest value of each window, channel by channel. A row of the image has `rowLength` floats. */
export function maxPool(x: usize, windows: usize, pixels: usize, channels: usize, rowLength: usize, y: usize): void {
  const pixel = channels << 2;
  const whole = pixel & ~15;
  for (const last = windows + pixels * 12; windows < last; windows += 12) {
    const from = x + load<u32>(windows);
    const columns = load<u32>(windows, 8) * pixel;
    const end = from + ((load<u32>(windows, 4) * rowLength) << 2);
    for (let channel: usize = 0; channel < whole; channel += 16) {
      let top = v128.load(from + channel);
      for (let row = from + channel; row < end; row += rowLength << 2) {
        for (let at = row; at < row + columns; at += pixel) top = f32x4.pmax(top, v128.load(at));
      }
      v128.store(y + channel, top);
    }
    for (let channel = whole; channel < pixel; channel += 4) {
      let top = f32.load(from + channel);
      for (let row = from + channel; row < end; row += rowLength << 2) {
        for (let at = row; at < row + columns; at += pixel) top = max(top, f32.load(at));
      }
      f32.store(y + channel, top);
    }
    y += pixel;
  }
}

/** Returns the mean of each window inside the image, channel by channel. */
export function averagePool(x: usize, windows: usize, pixels: usize, channels: usize, rowLength: usize, y: usize): void {
  const pixel = channels << 2;
  const whole = pixel & ~15;
  for (const last = windows + pixels * 12; windows < last; windows += 12) {
    const from = x + load<u32>(windows);
    const columns = load<u32>(windows, 8) * pixel;
    const end = from + ((load<u32>(windows, 4) * rowLength) << 2);
    const share: f32 = 1.0 / <f32>(load<u32>(windows, 4) * load<u32>(windows, 8));
    for (let channel: usize = 0; channel < whole; channel += 16) {
      let sum = f32x4.splat(0);
      for (let row = from + channel; row < end; row += rowLength << 2) {
        for (let at = row; at < row + columns; at += pixel) sum = f32x4.add(sum, v128.load(at));
      }
      v128.store(y + channel, f32x4.mul(sum, f32x4.splat(share)));
    }
    for (let channel = whole; channel < pixel; channel += 4) {
      let sum: f32 = 0;
      for (let row = from + channel; row < end; row += rowLength << 2) {
        for (let at = row; at < row + columns; at += pixel) sum += f32.load(at);
      }
      f32.store(y + channel, sum * share);
    }
    y += pixel;
  }
}

/**
 * Adds the gradient of each pooled pixel, at dx, to the first largest value of its window, channel by channel, for
 * training. y is the pooled image.
 */
export function addMaxPoolGradient(
  x: usize,
  windows: usize,
  pixels: usize,
  channels: usize,
  rowLength: usize,
  y: usize,
  dy: usize,
  dx: usize,
): void {
  const pixel = channels << 2;
  const whole = pixel & ~15;
  const rowBytes = rowLength << 2;
  const toGradient = dx - x;
  for (const last = windows + pixels * 12; windows < last; windows += 12) {
    const from = x + load<u32>(windows);
    const columns = load<u32>(windows, 8) * pixel;
    const end = from + load<u32>(windows, 4) * rowBytes;
    for (let channel: usize = 0; channel < whole; channel += 16) {
      const top = v128.load(y + channel);
      let left = v128.load(dy + channel);
      for (let row = from + channel; row < end; row += rowBytes) {
        for (let at = row; at < row + columns; at += pixel) {
          const isTop = f32x4.eq(v128.load(at), top);
          const to = at + toGradient;
          v128.store(to, f32x4.add(v128.load(to), v128.and(left, isTop)));
          left = v128.andnot(left, isTop);
        }
      }
    }
    for (let channel = whole; channel < pixel; channel += 4) {
      const top = f32.load(y + channel);
      let left = f32.load(dy + channel);
      for (let row = from + channel; row < end; row += rowBytes) {
        for (let at = row; at < row + columns; at += pixel) {
          if (f32.load(at) != top) continue;
          const to = at + toGradient;
          f32.store(to, f32.load(to) + left);
          left = 0;
        }
      }
    }
    y += pixel;
    dy += pixel;
  }
}
