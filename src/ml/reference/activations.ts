import { type FormulaCall, mapped, type Tensor } from './tensor.js';

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** Keras' activations of single numbers, by name. */
const ACTIVATIONS: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  sigmoid,
  hard_sigmoid: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
  tanh: Math.tanh,
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  swish: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
};

/** Applies an activation. @throws UnsupportedLayerError for an unknown name */
export function activate(call: FormulaCall, input: Tensor, name: unknown): Tensor {
  if (name === 'softmax') return softmax(input);
  if (typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name))
    return mapped(input, ACTIVATIONS[name]!);
  throw call.unknown(`the activation ${JSON.stringify(name)} is unknown`);
}

/** Applies softmax along the last axis. */
function softmax(input: Tensor): Tensor {
  const values = input.values.slice();
  const width = input.shape.at(-1)!;
  for (let at = 0; at < values.length; at += width) {
    const row = values.subarray(at, at + width);
    const most = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const total = row.reduce((sum, x) => sum + Math.exp(x - most), 0);
    row.forEach((x, i) => {
      row[i] = Math.exp(x - most) / total;
    });
  }
  return { ...input, values };
}

const TERMS = 60;

/** Computes the error function: near 0 by its power series, else by Legendre's continued fraction of its complement. */
export function erf(x: number): number {
  const square = x * x;
  if (Math.abs(x) < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n <= TERMS; n++) {
      term *= -square / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = Math.abs(x);
  for (let n = TERMS; n >= 1; n--) fraction = Math.abs(x) + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-square) / Math.sqrt(Math.PI) / fraction);
}
