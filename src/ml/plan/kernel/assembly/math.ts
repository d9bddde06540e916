// Transcendental functions of four floats at once. NaN is preserved: pmax and pmin (one instruction on x86, unlike max
// and min) return the second operand only if the comparison is true.

// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** Computes max(x, low). */
// @ts-ignore: decorator
@inline
export function atLeast(x: v128, low: f32): v128 {
  return f32x4.pmax(x, splat(low));
}

/** Computes min(x, high). */
// @ts-ignore: decorator
@inline
export function atMost(x: v128, high: f32): v128 {
  return f32x4.pmin(x, splat(high));
}

/**
 * Computes e^x with a relative error of about 1e-7, for x clamped to [-87, 88], nearly the range of a float32.
 * x = n ln 2 + r with |r| <= ln 2 / 2; e^r by the polynomial of Cephes' expf; 2^n in the exponent bits.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = atMost(atLeast(x, -87.0), 88.0);
  // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits of the float.
  const shifted = f32x4.add(f32x4.mul(x, splat(1.44269504)), splat(12582912.0));
  const n = f32x4.sub(shifted, splat(12582912.0));
  let r = f32x4.sub(x, f32x4.mul(n, splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, splat(2.12194440e-4)));
  let p = splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), splat(1.0));
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000));
  return f32x4.mul(p, power);
}

/** Computes 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function logistic(x: v128): v128 {
  return f32x4.div(splat(1.0), f32x4.add(splat(1.0), exp(f32x4.neg(x))));
}

/** Computes tanh x as Cephes' tanhf: by an odd polynomial below 0.625, where 1 - 2 / (e^2x + 1) would lose digits. */
// @ts-ignore: decorator
@inline
export function hyperbolicTangent(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const e = exp(f32x4.add(x, x));
  const far = f32x4.sub(splat(1.0), f32x4.div(splat(2.0), f32x4.add(e, splat(1.0))));
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), splat(0.625)));
}

/**
 * Computes ln(1 + u) for u in [0, 1] with a relative error of about 1e-7, as 2 artanh s with s = u / (2 + u) <= 1/3, by
 * the series 2s (1 + s^2/3 + s^4/5 + ...) up to s^14.
 */
// @ts-ignore: decorator
@inline
export function log1p(u: v128): v128 {
  const s = f32x4.div(u, f32x4.add(u, splat(2.0)));
  const z = f32x4.mul(s, s);
  let p = splat(1.0 / 15.0);
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 13.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 11.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, z), splat(1.0));
  return f32x4.mul(f32x4.add(s, s), p);
}

/** Computes erf x with an absolute error of 1.5e-7 (Abramowitz and Stegun 7.1.26), as TensorFlow.js does. */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  const a = f32x4.abs(x);
  const t = f32x4.div(splat(1.0), f32x4.add(splat(1.0), f32x4.mul(a, splat(0.3275911))));
  let p = splat(1.061405429);
  p = f32x4.add(f32x4.mul(p, t), splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), splat(0.254829592));
  const y = f32x4.sub(splat(1.0), f32x4.mul(f32x4.mul(p, t), exp(f32x4.neg(f32x4.mul(a, a)))));
  return v128.bitselect(y, x, i32x4.splat(0x7fffffff));
}
