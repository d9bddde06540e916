import { instantiateKernel, type Kernel } from './kernel/kernel.js';

const PAGE = 65536;

/** The WebAssembly memory of a plan, and the kernel that computes in it. Byte addresses are aligned to 16. */
export class Arena {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly kernel: Kernel = instantiateKernel(this.#memory);
  /** Address 0 is unused, so that a missing address causes wrong results at once. */
  #top = 64;

  /** Reserves room for a number of floats, all 0. */
  reserve(floats: number): number {
    const address = this.#top;
    this.#top += Math.ceil(floats / 4) * 16;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return address;
  }

  /** Stores a constant, such as packed weights. */
  store(values: Float32Array): number {
    const address = this.reserve(values.length);
    this.view(address, values.length).set(values);
    return address;
  }

  /** Stores a table of integers, such as distances. */
  storeIntegers(values: Uint32Array): number {
    const address = this.reserve(values.length);
    new Uint32Array(this.#memory.buffer, address, values.length).set(values);
    return address;
  }

  /** Returns a view, valid until the next `reserve`, which may move the memory. */
  view(address: number, floats: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, floats);
  }
}
