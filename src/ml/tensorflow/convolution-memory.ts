import type * as Core from '@tensorflow/tfjs-core';
import { type Convolver, convolver, type Framer, framer, windowTable } from '../plan/convolver.js';
import { packPanels } from '../plan/layers/pack.js';
import { poolingTable } from '../plan/layers/pooling.js';
import type { Axes } from '../plan/layers/window.js';
import { padded } from '../plan/step.js';
import { axesOf, type Info, turn } from './convolution-axes.js';
import type { BackendMemory } from './wasm-memory.js';

/** Computes the convolutions of a backend. Parts that depend only on their sizes are prepared once. */
export class ConvolutionMemory {
  private readonly prepared = new Map<string, unknown>();

  constructor(private readonly memory: BackendMemory) {}

  convolve(x: Core.TensorInfo, filter: Core.TensorInfo, info: Info): Core.TensorInfo {
    const { inChannels, outChannels } = info;
    const convolution = this.prepare('convolve', info, (axes) =>
      convolver(this.memory, axes, inChannels, outChannels),
    );
    const result = this.memory.make(info.outShape);
    return this.run(convolution, this.memory.read(filter), x, result);
  }

  /** Computes the image's gradient: a convolution of the output's gradient with the reversed filter. */
  gradientByInput(dy: Core.TensorInfo, filter: Core.TensorInfo, info: Info): Core.TensorInfo {
    const { inChannels, outChannels } = info;
    const convolution = this.prepare('gradientByInput', info, (axes) => {
      const turned = [turn(axes[0]), turn(axes[1])] as const;
      const frame = spreader(this.memory, axes, turned, outChannels);
      return convolver(this.memory, turned, outChannels, inChannels, frame);
    });
    const result = this.memory.make(info.inShape);
    return this.run(convolution, turnFilter(this.memory.read(filter), info), dy, result);
  }

  gradientByFilter(x: Core.TensorInfo, dy: Core.TensorInfo, info: Info): Core.TensorInfo {
    const add = this.prepare('gradientByFilter', info, (axes) => this.adder(axes, info));
    const gradient = this.memory.make(info.filterShape);
    const to = this.memory.addressOf(gradient);
    add(this.memory.addressOf(x), this.memory.addressOf(dy), info.batchSize, to);
    return gradient;
  }

  gradientOfMaxPool(
    x: Core.TensorInfo,
    y: Core.TensorInfo,
    dy: Core.TensorInfo,
    info: Info,
  ): Core.TensorInfo {
    const { memory } = this;
    const { batchSize, inChannels, inWidth, outHeight, outWidth, inShape } = info;
    const pixels = outHeight * outWidth;
    const windows = this.prepare('gradientOfMaxPool', info, (axes) =>
      memory.storeIntegers(poolingTable(axes, inChannels)),
    );
    const gradient = memory.make(inShape);
    memory.read(gradient).fill(0);
    const [from, pooled, slope, to] = [x, y, dy, gradient].map((each) => memory.addressOf(each));
    const [step, stride] = [bytesOfOne(inShape), bytesOfOne(info.outShape)];
    const { addMaxPoolGradient } = memory.kernel;
    const row = inWidth * inChannels;
    for (let i = 0; i < batchSize; i++) {
      const [xAt, dxAt] = [from! + i * step, to! + i * step];
      const [yAt, dyAt] = [pooled! + i * stride, slope! + i * stride];
      addMaxPoolGradient(xAt, windows, pixels, inChannels, row, yAt, dyAt, dxAt);
    }
    return gradient;
  }

  /** Convolves each image of a tensor with a filter, which is packed each time, since every step changes it. */
  private run(
    { packed, bias, window, lanes, run }: Convolver,
    filter: Float32Array,
    images: Core.TensorInfo,
    result: Core.TensorInfo,
  ): Core.TensorInfo {
    const { memory } = this;
    const { shape } = result;
    const panels = packPanels(filter, window, shape[3]!);
    memory.view(packed, panels.length).set(panels);
    memory.view(bias, lanes).fill(0);
    const [from, to] = [memory.addressOf(images), memory.addressOf(result)];
    const [step, stride] = [bytesOfOne(images.shape), bytesOfOne(shape)];
    for (let i = 0; i < shape[0]!; i++) {
      run(from + i * step, to + i * stride, Number.NEGATIVE_INFINITY);
    }
    return result;
  }

  private adder(axes: Axes, { inChannels, outChannels, inShape, outShape }: Info) {
    const { memory } = this;
    const { kernel } = memory;
    const lanes = padded(outChannels);
    const frame = framer(memory, axes, inChannels);
    const { offsets, taps } = windowTable(axes, inChannels);
    const offsetsAt = memory.storeIntegers(offsets);
    const tapsAt = memory.storeIntegers(taps);
    // Kernels work on whole vectors, so filters that do not fill one are padded, and the result is compacted.
    const isWide = lanes !== outChannels;
    const wide = isWide ? memory.reserve(offsets.length * lanes) : 0;
    const wideSum = isWide ? memory.reserve(taps.length * lanes) : 0;
    const [pixels, tapCount] = [offsets.length, taps.length];
    return (x: number, dy: number, images: number, gradient: number): void => {
      const sum = isWide ? wideSum : gradient;
      memory.view(sum, taps.length * lanes).fill(0);
      for (let i = 0; i < images; i++) {
        let slope = dy + i * bytesOfOne(outShape);
        if (isWide) {
          kernel.copyColumns(slope, outChannels, wide, lanes, outChannels, offsets.length);
          slope = wide;
        }
        const image = frame(x + i * bytesOfOne(inShape));
        kernel.addWeightGradient(image, offsetsAt, pixels, tapsAt, tapCount, slope, lanes, sum);
      }
      if (isWide) {
        kernel.copyColumns(sum, lanes, gradient, outChannels, outChannels, taps.length);
      }
    };
  }

  private prepare<Made>(what: string, info: Info, make: (axes: Axes) => Made): Made {
    const axes = axesOf(info);
    const key = JSON.stringify([what, axes, info.inChannels, info.outChannels]);
    const made = (this.prepared.get(key) as Made | undefined) ?? make(axes);
    this.prepared.set(key, made);
    return made;
  }
}

/** Frames gradients of images, with zeros between their pixels if the stride is more than 1. */
function spreader(
  memory: BackendMemory,
  [height, width]: Axes,
  turned: Axes,
  channels: number,
): Framer {
  if (height.stride === 1 && width.stride === 1) return framer(memory, turned, channels);
  const { kernel } = memory;
  const [rows, columns] = turned.map((axis) => axis.before + axis.length + axis.after);
  const frame = memory.reserve(rows! * columns! * channels);
  const inner = frame + 4 * channels * (turned[0].before * columns! + turned[1].before);
  const row = 4 * channels * columns! * height.stride;
  return (image) => {
    for (let i = 0; i < height.steps; i++) {
      const from = image + 4 * i * width.steps * channels;
      const to = inner + i * row;
      kernel.copyColumns(from, channels, to, channels * width.stride, channels, width.steps);
    }
    return frame;
  };
}

/** Converts a filter from [rows, columns, in, out] to [rows, columns, out, in], with rows and columns reversed. */
function turnFilter(filter: Float32Array, { inChannels, outChannels }: Info): Float32Array {
  const turned = new Float32Array(filter.length);
  const area = inChannels * outChannels;
  for (let from = 0, to = filter.length - area; to >= 0; from += area, to -= area) {
    for (let i = 0; i < inChannels; i++) {
      for (let o = 0; o < outChannels; o++) {
        turned[to + o * inChannels + i] = filter[from + i * outChannels + o]!;
      }
    }
  }
  return turned;
}

function bytesOfOne([, ...shape]: readonly number[]): number {
  return shape.reduce((bytes, length) => bytes * length, 4);
}
