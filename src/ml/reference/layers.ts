import { sizeOf } from '../plan/artifact.js';
import { activate } from './activations.js';
import { averagePool, conv2D, depthwise2D, globalPool, maxPool, separable2D } from './images.js';
import {
  type Formula,
  type FormulaCall,
  mapped,
  setting,
  type Tensor,
  withShape,
} from './tensor.js';

/** The formulas of Keras' layers in inference, by class. */
export const FORMULAS: ReadonlyMap<string, Formula> = new Map<string, Formula>([
  ['Dense', dense],
  ['Embedding', embedding],

  ['Conv2D', conv2D],
  ['DepthwiseConv2D', depthwise2D],
  ['SeparableConv2D', separable2D],
  ['MaxPooling2D', maxPool],
  ['AveragePooling2D', averagePool],
  ['GlobalMaxPooling2D', (call) => globalPool(call, 'max')],
  ['GlobalAveragePooling2D', (call) => globalPool(call, 'average')],

  ['Activation', (call) => activate(call, call.inputs[0]!, call.config.activation)],
  ['ReLU', relu],
  [
    'LeakyReLU',
    (call) => leaky(call, setting(call, 'alpha', setting(call, 'negative_slope', 0.3))),
  ],
  ['ELU', elu],
  ['Softmax', softmax],

  ['BatchNormalization', batchNormalization],

  ['Add', (call) => combine(call, (a, b) => a + b)],
  ['Average', average],
  ['Multiply', (call) => combine(call, (a, b) => a * b)],
  ['Concatenate', concatenate],

  ['Flatten', flatten],
  ['Reshape', reshape],

  ...['Dropout', 'SpatialDropout2D', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise'].map(
    (name): [string, Formula] => [name, ({ inputs }) => inputs[0]!],
  ),
]);

/** Multiplies each row of the last axis with a matrix. */
function dense(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  const units = setting(call, 'units', Number.NaN);
  const width = input.shape.at(-1)!;
  const kernel = call.weight('kernel', [width, units]);
  const bias = setting(call, 'use_bias', true) ? call.weight('bias', [units]) : undefined;
  const rows = input.values.length / width;
  const values = new Float64Array(rows * units);
  call.work(rows * width * units);
  for (let row = 0; row < rows; row++) {
    const out = values.subarray(row * units, (row + 1) * units);
    if (bias) out.set(bias);
    for (let i = 0; i < width; i++) {
      const x = input.values[row * width + i]!;
      for (let unit = 0; unit < units; unit++) out[unit]! += x * kernel[i * units + unit]!;
    }
  }
  const output = { rows: input.rows, shape: [...input.shape.slice(0, -1), units], values };
  return activate(call, output, setting(call, 'activation', 'linear'));
}

function embedding(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  const size = setting(call, 'output_dim', Number.NaN);
  const table = call.weight('embeddings', [setting(call, 'input_dim', Number.NaN), size]);
  const values = new Float64Array(input.values.length * size);
  input.values.forEach((entry, i) => {
    values.set(table.subarray(entry * size, (entry + 1) * size), i * size);
  });
  return { rows: input.rows, shape: [...input.shape, size], values };
}

function relu(call: FormulaCall): Tensor {
  const high = setting(call, 'max_value', Number.POSITIVE_INFINITY);
  const slope = setting(call, 'negative_slope', 0);
  const threshold = setting(call, 'threshold', 0);
  return mapped(call.inputs[0]!, (x) =>
    x >= threshold ? Math.min(x, high) : slope * (x - threshold),
  );
}

function leaky(call: FormulaCall, slope: number): Tensor {
  return mapped(call.inputs[0]!, (x) => (x < 0 ? slope * x : x));
}

function elu(call: FormulaCall): Tensor {
  const alpha = setting(call, 'alpha', 1);
  return mapped(call.inputs[0]!, (x) => (x > 0 ? x : alpha * Math.expm1(x)));
}

function softmax(call: FormulaCall): Tensor {
  lastAxis(call, call.inputs[0]!);
  return activate(call, call.inputs[0]!, 'softmax');
}

function batchNormalization(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  lastAxis(call, input);
  const size = input.shape.at(-1)!;
  const epsilon = setting(call, 'epsilon', 1e-3);
  const mean = call.weight('moving_mean', [size]);
  const variance = call.weight('moving_variance', [size]);
  const gamma = setting(call, 'scale', true) ? call.weight('gamma', [size]) : undefined;
  const beta = setting(call, 'center', true) ? call.weight('beta', [size]) : undefined;
  const values = input.values.map((x, i) => {
    const c = i % size;
    const normal = (x - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
    return normal * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0);
  });
  return { ...input, values };
}

/** Refuses another axis than the last. @throws UnsupportedLayerError */
function lastAxis(call: FormulaCall, { shape }: Tensor): void {
  const [axis] = [setting<number | number[]>(call, 'axis', -1)].flat();
  if (axis !== -1 && axis !== shape.length) throw call.unknown(`its axis is ${axis}, not the last`);
}

function combine({ inputs, unknown }: FormulaCall, join: (a: number, b: number) => number): Tensor {
  const [first, ...others] = inputs as [Tensor, ...Tensor[]];
  const values = first.values.slice();
  for (const other of others) {
    if (other.values.length !== values.length) throw unknown('its inputs differ in shape');
    other.values.forEach((x, i) => {
      values[i] = join(values[i]!, x);
    });
  }
  return { ...first, values };
}

function average(call: FormulaCall): Tensor {
  const sum = combine(call, (a, b) => a + b);
  return mapped(sum, (x) => x / call.inputs.length);
}

/** Joins inputs along the last axis. */
function concatenate(call: FormulaCall): Tensor {
  const [first] = call.inputs as [Tensor];
  lastAxis(call, first);
  const widths = call.inputs.map(({ shape }) => shape.at(-1)!);
  const width = widths.reduce((sum, each) => sum + each, 0);
  const count = first.values.length / widths[0]!;
  const values = new Float64Array(count * width);
  let at = 0;
  call.inputs.forEach((input, i) => {
    for (let row = 0; row < count; row++) {
      const from = row * widths[i]!;
      values.set(input.values.subarray(from, from + widths[i]!), row * width + at);
    }
    at += widths[i]!;
  });
  return { rows: first.rows, shape: [...first.shape.slice(0, -1), width], values };
}

function flatten(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  if (call.config.data_format === 'channels_first')
    throw call.unknown('its data has channels first');
  return withShape(input, [sizeOf(input.shape)]);
}

function reshape(call: FormulaCall): Tensor {
  const input = call.inputs[0]!;
  const target = setting<number[]>(call, 'target_shape', []);
  const known = sizeOf(target.filter((length) => length !== -1));
  return withShape(
    input,
    target.map((length) => (length === -1 ? sizeOf(input.shape) / known : length)),
  );
}
