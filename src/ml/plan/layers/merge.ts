import type { Arena } from '../arena.js';
import { type Place, type Step, Value } from '../step.js';
import { checkColumnAxis, type LayerCall, type LayerCompiler, unsupported } from './layer.js';

/** Sum, mean or product of values of one shape. */
class Combine implements Step {
  readonly output: Value;
  readonly inPlace = true;

  constructor(
    readonly inputs: readonly Value[],
    shape: readonly number[],
    readonly operation: 'add' | 'average' | 'multiply',
  ) {
    this.output = new Value(shape);
  }

  emit({ kernel }: Arena, inputs: readonly Place[], { address, stride }: Place) {
    const others = inputs.slice(1).map((place) => place.address);
    const join = this.operation === 'multiply' ? kernel.multiply : kernel.add;
    const share = this.operation === 'average' ? 1 / inputs.length : undefined;
    return (rows: number) => {
      const count = rows * stride;
      for (const other of others) join(address, address, other, count);
      if (share !== undefined) kernel.scale(address, count, share);
    };
  }
}

/** The columns of several values side by side. */
class Concatenate implements Step {
  readonly output: Value;
  readonly inPlace = false;

  constructor(readonly inputs: readonly Value[]) {
    this.output = new Value([inputs.reduce((width, input) => width + input.width, 0)]);
  }

  emit({ kernel }: Arena, inputs: readonly Place[], output: Place) {
    let next = output.address;
    const copies = inputs.map((place, i) => {
      const { width } = this.inputs[i]!;
      const to = next;
      next += 4 * width;
      return (rows: number) =>
        kernel.copyColumns(place.address, place.stride, to, output.stride, width, rows);
    });
    return (rows: number) => {
      for (const copy of copies) copy(rows);
    };
  }
}

export const compileAdd: LayerCompiler = (call) => combine(call, 'add');
export const compileAverage: LayerCompiler = (call) => combine(call, 'average');
export const compileMultiply: LayerCompiler = (call) => combine(call, 'multiply');

function combine(call: LayerCall, operation: Combine['operation']): Value {
  const shape = call.inputs[0]?.shape ?? [];
  if (call.inputs.some((input) => input.shape.join() !== shape.join())) {
    throw unsupported(call, 'its inputs differ in shape');
  }
  return call.add(new Combine(call.inputs, shape, operation));
}

export const compileConcatenate: LayerCompiler = (call) => {
  checkColumnAxis(call);
  if (call.inputs.some((input) => input.shape.length !== 1)) {
    throw unsupported(call, 'its inputs have more than one axis');
  }
  return call.add(new Concatenate(call.inputs));
};
