import { KERNEL_WASM } from './kernel.wasm.js';

/** Works in place on `count` floats, a multiple of 4. */
type InPlace = (at: number, count: number) => void;
/** As {@link InPlace}, with one constant. */
type InPlaceWith = (at: number, count: number, constant: number) => void;

/** Reduces the windows of one image. */
export type Pool = (
  x: number,
  windows: number,
  pixels: number,
  channels: number,
  rowLength: number,
  y: number,
) => void;

/** The functions of `assembly/`, which describes each. Pointers are byte addresses. */
export interface Kernel {
  dense(
    x: number,
    xStride: number,
    rows: number,
    inputs: number,
    packed: number,
    bias: number,
    y: number,
    outputs: number,
  ): void;
  convolve(
    x: number,
    offsets: number,
    pixels: number,
    runs: number,
    runCount: number,
    runLength: number,
    packed: number,
    bias: number,
    y: number,
    outputs: number,
    low: number,
  ): void;
  convolveDepthwise(
    x: number,
    offsets: number,
    pixels: number,
    taps: number,
    tapCount: number,
    weights: number,
    bias: number,
    y: number,
    channels: number,
    low: number,
  ): void;
  addWeightGradient(
    x: number,
    offsets: number,
    pixels: number,
    taps: number,
    tapCount: number,
    dy: number,
    outputs: number,
    gradient: number,
  ): void;
  addMaxPoolGradient(
    x: number,
    windows: number,
    pixels: number,
    channels: number,
    rowLength: number,
    y: number,
    dy: number,
    dx: number,
  ): void;
  sumRows(x: number, rows: number, width: number, y: number): void;
  maxPool: Pool;
  averagePool: Pool;
  softmax(at: number, rows: number, width: number, stride: number): void;
  add(y: number, a: number, b: number, count: number): void;
  multiply(y: number, a: number, b: number, count: number): void;
  scale: InPlaceWith;
  affine(x: number, y: number, rows: number, width: number, factor: number, shift: number): void;
  copyColumns(
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    width: number,
    rows: number,
  ): void;
  gather(
    x: number,
    xStride: number,
    table: number,
    entries: number,
    y: number,
    yStride: number,
    width: number,
    rows: number,
  ): void;
  relu: InPlace;
  clippedRelu: InPlaceWith;
  leakyRelu: InPlaceWith;
  elu: InPlace;
  selu: InPlace;
  sigmoid: InPlace;
  hardSigmoid: InPlace;
  tanh: InPlace;
  softplus: InPlace;
  softsign: InPlace;
  swish: InPlace;
  mish: InPlace;
  gelu: InPlace;
}

let compiled: WebAssembly.Module | undefined;

/** Instantiates the kernel over the memory of a plan. It is compiled once for each process. */
export function instantiateKernel(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_WASM, 'base64'));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
}
