import type { Arena } from '../arena.js';
import { framer, windowTable } from '../convolver.js';
import { type Place, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { Convolution } from './convolution.js';
import { flagOf, type LayerCall, type LayerCompiler, numberOf, unsupported } from './layer.js';
import { type Axis, onlyImage, type Pair, pairOf, readAxes } from './window.js';

/** y = max(x * w + b, low), each channel by itself, with a filter of its own. */
export class DepthwiseConvolution implements Step {
  readonly inputs: readonly [Value];
  readonly inPlace = false;

  /** `kernel` is w, [rows, columns, channels] row-major. */
  constructor(
    readonly input: Value,
    readonly output: Value,
    readonly axes: readonly [Axis, Axis],
    readonly kernel: Float32Array,
    readonly bias: Float32Array,
    /** 0 where a ReLU is part of it. */
    readonly low = Number.NEGATIVE_INFINITY,
  ) {
    this.inputs = [input];
  }

  emit(arena: Arena, [x]: readonly [Place], y: Place): (rows: number) => void {
    const channels = this.bias.length;
    const frame = framer(arena, this.axes, channels);
    const { offsets, taps } = windowTable(this.axes, channels);
    const pixels = offsets.length;
    const pixelTaps = taps.filter((_, i) => i % channels === 0);
    const offsetsAt = arena.storeIntegers(offsets);
    const tapsAt = arena.storeIntegers(pixelTaps);
    const weights = arena.store(this.kernel);
    const bias = arena.store(this.bias);
    const { convolveDepthwise } = arena.kernel;
    const { low } = this;
    return (rows) => {
      for (let row = 0; row < rows; row++) {
        const from = frame(x.address + 4 * x.stride * row);
        const to = y.address + 4 * y.stride * row;
        convolveDepthwise(
          from,
          offsetsAt,
          pixels,
          tapsAt,
          pixelTaps.length,
          weights,
          bias,
          to,
          channels,
          low,
        );
      }
    };
  }
}

/** DepthwiseConv2D: its bias and its activation too. */
export const compileDepthwiseConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  if (pairOf(call, 'dilation_rate', [1, 1]).join() !== '1,1') {
    throw unsupported(call, 'it is dilated, which Keras minds and TensorFlow.js ignores');
  }
  const channels = input.shape[2]!;
  checkMultiplier(call);
  const bias = flagOf(call, 'use_bias')
    ? call.weight('bias', [channels])
    : new Float32Array(channels);
  const sum = addDepthwise(call, input, bias);
  return addActivation(call, sum, call.config.activation ?? 'linear');
};

/** SeparableConv2D: first each channel by itself, then the channels of each pixel. */
export const compileSeparableConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  const channels = input.shape[2]!;
  const filters = numberOf(call, 'filters', Number.NaN);
  const depthwise = addDepthwise(call, input, new Float32Array(channels));
  const kernel = call.weight('pointwise_kernel', [1, 1, channels, filters]);
  const bias = flagOf(call, 'use_bias')
    ? call.weight('bias', [filters])
    : new Float32Array(filters);
  const axes = readAxes(call, depthwise, [1, 1], [1, 1]);
  const output = new Value([depthwise.shape[0]!, depthwise.shape[1]!, filters]);
  const sum = call.add(new Convolution(depthwise, output, axes, kernel, bias));
  return addActivation(call, sum, call.config.activation ?? 'linear');
};

function addDepthwise(call: LayerCall, input: Value, bias: Float32Array): Value {
  checkMultiplier(call);
  const size: Pair = pairOf(call, 'kernel_size', [1, 1]);
  const strides = pairOf(call, 'strides', [1, 1]);
  const axes = readAxes(call, input, size, strides, pairOf(call, 'dilation_rate', [1, 1]));
  const channels = input.shape[2]!;
  const kernel = call.weight('depthwise_kernel', [...size, channels, 1]);
  const output = new Value([axes[0].steps, axes[1].steps, channels]);
  return call.add(new DepthwiseConvolution(input, output, axes, kernel, bias));
}

function checkMultiplier(call: LayerCall): void {
  if (numberOf(call, 'depth_multiplier', 1) !== 1)
    throw unsupported(call, 'it has several filters for a channel');
}
