// Activations in place over `count` floats (a multiple of 4), as in @tensorflow/tfjs-layers.
import { atLeast, atMost, erf, exp, hyperbolicTangent, log1p, logistic, splat } from './math';

export function relu(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    v128.store(at, atLeast(v128.load(at), 0.0));
  }
}

/** Computes min(max(x, 0), high). */
export function clippedRelu(at: usize, count: usize, high: f32): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    v128.store(at, atMost(atLeast(v128.load(at), 0.0), high));
  }
}

/** Computes x, or alpha x below 0. */
export function leakyRelu(at: usize, count: usize, alpha: f32): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, v128.bitselect(f32x4.mul(x, splat(alpha)), x, f32x4.lt(x, splat(0.0))));
  }
}

/** Computes x, or e^x - 1 below 0. */
export function elu(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, v128.bitselect(f32x4.sub(exp(x), splat(1.0)), x, f32x4.lt(x, splat(0.0))));
  }
}

/** Computes scale x, or scale alpha (e^x - 1) below 0 (Klambauer et al., 2017). */
export function selu(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    const below = f32x4.mul(f32x4.sub(exp(x), splat(1.0)), splat(1.7580993408473768));
    const above = f32x4.mul(x, splat(1.0507009873554805));
    v128.store(at, v128.bitselect(below, above, f32x4.lt(x, splat(0.0))));
  }
}

export function sigmoid(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    v128.store(at, logistic(v128.load(at)));
  }
}

/** Computes 0.2 x + 0.5, clipped to between 0 and 1. */
export function hardSigmoid(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = f32x4.add(f32x4.mul(v128.load(at), splat(0.2)), splat(0.5));
    v128.store(at, atMost(atLeast(x, 0.0), 1.0));
  }
}

export function tanh(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    v128.store(at, hyperbolicTangent(v128.load(at)));
  }
}

/** Computes ln(1 + e^x) as max(x, 0) + ln(1 + e^-|x|), which cannot overflow. */
export function softplus(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, f32x4.add(atLeast(x, 0.0), log1p(exp(f32x4.neg(f32x4.abs(x))))));
  }
}

/** Computes x / (1 + |x|). */
export function softsign(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, f32x4.div(x, f32x4.add(f32x4.abs(x), splat(1.0))));
  }
}

/** Computes x / (1 + e^-x). */
export function swish(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    v128.store(at, f32x4.mul(x, logistic(x)));
  }
}

/** Computes x tanh(ln(1 + e^x)), which is x (e^2x + 2 e^x) / (e^2x + 2 e^x + 2), and x from 20 on. */
export function mish(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    const e = exp(atMost(x, 20.0));
    const n = f32x4.mul(e, f32x4.add(e, splat(2.0)));
    v128.store(at, f32x4.mul(x, f32x4.div(n, f32x4.add(n, splat(2.0)))));
  }
}

/** Computes x (1 + erf(x / sqrt 2)) / 2. */
export function gelu(at: usize, count: usize): void {
  for (const end = at + (count << 2); at < end; at += 16) {
    const x = v128.load(at);
    const half = f32x4.mul(x, splat(0.5));
    v128.store(at, f32x4.mul(half, f32x4.add(splat(1.0), erf(f32x4.mul(x, splat(0.70710678))))));
  }
}
