import { KERNEL_WASM, type Kernel } from './kernel.wasm.js';

export type { Kernel } from './kernel.wasm.js';

let compiled: WebAssembly.Module | undefined;

/** Instantiates the kernel over the memory of a plan. Its 9 KB are compiled once per process. */
export function instantiateKernel(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_WASM, 'base64'));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
}
