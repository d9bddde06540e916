import type { Arena } from '../arena.js';
import { convolver, framer, windowTable } from '../convolver.js';
import { type Place, rowByRow, type Step, Value } from '../step.js';
import { addActivation } from './activation.js';
import { biasOf, type LayerCall, type LayerCompiler, numberOf, unsupported } from './layer.js';
import { packPanels } from './pack.js';
import { type Axes, onlyImage, readAxes, readKernel } from './window.js';

/** The constants of a convolution. */
interface Parts {
  readonly input: Value;
  readonly output: Value;
  readonly axes: Axes;
  /** Row-major, as in Keras: [rows, columns, channels, filters]; without filters if depthwise. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** Lower bound of the results: 0 to include a ReLU. */
  readonly low?: number;
  /** Stores the constants in the arena. @returns code that convolves the image at one address to another */
  prepare(arena: Arena, parts: Convolution): (from: number, to: number) => void;
}

/** Convolves an image: y = max(x * W + b, low), where * slides W over its rows and columns. */
export class Convolution implements Step {
  readonly inputs: readonly [Value];
  readonly output: Value;
  readonly inPlace = false;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly low: number;

  constructor(readonly parts: Parts) {
    ({ output: this.output, kernel: this.kernel, bias: this.bias } = parts);
    this.inputs = [parts.input];
    this.low = parts.low ?? Number.NEGATIVE_INFINITY;
  }

  emit(arena: Arena, [x]: readonly [Place], y: Place): (rows: number) => void {
    return rowByRow(x, y, this.parts.prepare(arena, this));
  }
}

/** Prepares filters that each sum over all channels. */
function full(arena: Arena, { kernel, bias, low, parts: { axes, input } }: Convolution) {
  const code = convolver(arena, axes, input.shape[2]!, bias.length);
  const packed = packPanels(kernel, code.window, bias.length);
  arena.view(code.packed, packed.length).set(packed);
  arena.view(code.bias, bias.length).set(bias);
  return (from: number, to: number) => code.run(from, to, low);
}

/** Prepares one filter for each channel. */
function depthwise(arena: Arena, { kernel, bias, low, parts: { axes } }: Convolution) {
  const channels = bias.length;
  const frame = framer(arena, axes, channels);
  const { offsets, taps } = windowTable(axes, channels);
  const pixelTaps = taps.filter((_, i) => i % channels === 0);
  const offsetsAt = arena.storeIntegers(offsets);
  const tapsAt = arena.storeIntegers(pixelTaps);
  const weights = arena.store(kernel);
  const biasAt = arena.store(bias);
  const [pixels, tapCount] = [offsets.length, pixelTaps.length];
  const { convolveDepthwise: run } = arena.kernel;
  return (x: number, y: number) =>
    run(frame(x), offsetsAt, pixels, tapsAt, tapCount, weights, biasAt, y, channels, low);
}

/** Compiles a Conv2D with its bias and activation. */
export const compileConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  if (numberOf(call, 'groups', 1) !== 1) throw unsupported(call, 'its channels are in groups');
  const { size, axes } = readKernel(call, input);
  return addFilters(call, input, axes, 'kernel', size);
};

/** Compiles a DepthwiseConv2D with its bias and activation. */
export const compileDepthwiseConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  if ([call.config.dilation_rate ?? 1].flat().some((rate) => rate !== 1))
    throw unsupported(call, 'it is dilated, which Keras respects and TensorFlow.js ignores');
  checkMultiplier(call);
  const sum = addDepthwise(call, input, biasOf(call, input.shape[2]!));
  return addActivation(call, sum);
};

/** Compiles a SeparableConv2D: first each channel, then the channels of each pixel. */
export const compileSeparableConv2D: LayerCompiler = (call) => {
  const input = onlyImage(call);
  const between = addDepthwise(call, input, new Float32Array(input.shape[2]!));
  const axes = readAxes(call, between, [1, 1], [1, 1]);
  return addFilters(call, between, axes, 'pointwise_kernel', [1, 1]);
};

function addFilters(
  call: LayerCall,
  input: Value,
  axes: Axes,
  weight: string,
  size: readonly [number, number],
): Value {
  const filters = numberOf(call, 'filters', Number.NaN);
  const kernel = call.weight(weight, [...size, input.shape[2]!, filters]);
  const output = new Value([axes[0].steps, axes[1].steps, filters]);
  const bias = biasOf(call, filters);
  const sum = call.add(new Convolution({ input, output, axes, kernel, bias, prepare: full }));
  return addActivation(call, sum);
}

function addDepthwise(call: LayerCall, input: Value, bias: Float32Array): Value {
  checkMultiplier(call);
  const { size, axes } = readKernel(call, input);
  const kernel = call.weight('depthwise_kernel', [...size, bias.length, 1]);
  const output = new Value([axes[0].steps, axes[1].steps, bias.length]);
  return call.add(new Convolution({ input, output, axes, kernel, bias, prepare: depthwise }));
}

function checkMultiplier(call: LayerCall): void {
  if (numberOf(call, 'depth_multiplier', 1) !== 1)
    throw unsupported(call, 'it has several filters for a channel');
}
