import type * as Core from '@tensorflow/tfjs-core';
import type { Workspace } from '../plan/convolver.js';
import { instantiateKernel, type Kernel } from '../plan/kernel/kernel.js';

/** The WASM backend, whose own type its package does not export. */
export type WasmBackend = Core.KernelBackend & {
  readonly dataIdMap: Core.DataStorage<{ shape: readonly number[]; memoryOffset: number }>;
  makeOutput(shape: readonly number[], dtype: string): Core.TensorInfo;
  typedArrayFromHeap(tensor: Core.TensorInfo): Float32Array | Int32Array;
  readonly wasm: {
    _malloc(bytes: number): number;
    /** The exports of the module, as Emscripten names them. */
    readonly asm: { readonly memory: WebAssembly.Memory };
  };
};

const memories = new WeakMap<object, BackendMemory>();

/** Returns the memory of a WASM backend. */
export function memoryOf(backend: unknown): BackendMemory {
  const known = memories.get(backend as WasmBackend);
  if (known) return known;
  const memory = new BackendMemory(backend as WasmBackend);
  memories.set(backend as WasmBackend, memory);
  return memory;
}

/** The memory of the WASM backend's tensors, in which the plan's kernel computes too. */
export class BackendMemory implements Workspace {
  readonly kernel: Kernel;

  constructor(private readonly backend: WasmBackend) {
    this.kernel = instantiateKernel(backend.wasm.asm.memory);
  }

  /** Reserves a number of floats permanently, since networks are small. */
  reserve(floats: number): number {
    const address = this.backend.wasm._malloc(4 * floats + 16) >>> 0;
    const aligned = Math.ceil(address / 16) * 16;
    this.view(aligned, floats).fill(0);
    return aligned;
  }

  storeIntegers(values: Uint32Array): number {
    const address = this.reserve(values.length);
    new Uint32Array(this.backend.wasm.asm.memory.buffer, address, values.length).set(values);
    return address;
  }

  /** Creates an uninitialised tensor. */
  make(shape: number[]): Core.TensorInfo {
    return this.backend.makeOutput(shape, 'float32');
  }

  addressOf({ dataId }: Core.TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** Returns a view, valid until the next tensor is created, which may move the memory. */
  read(tensor: Core.TensorInfo): Float32Array {
    const size = tensor.shape.reduce((product, length) => product * length, 1);
    return this.view(this.addressOf(tensor), size);
  }

  /** Returns a view as {@link read} does, at an address. */
  view(address: number, floats: number): Float32Array {
    return new Float32Array(this.backend.wasm.asm.memory.buffer, address, floats);
  }
}
