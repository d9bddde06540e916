import { Value } from '../step.js';
import { checkLastAxis, type LayerCall, type LayerCompiler, unsupported } from './layer.js';

export const compileAdd: LayerCompiler = (call) => combine(call, 'add');
export const compileAverage: LayerCompiler = (call) => combine(call, 'average');
export const compileMultiply: LayerCompiler = (call) => combine(call, 'multiply');

/** Computes the sum, mean or product of values of one shape. */
function combine(call: LayerCall, operation: 'add' | 'average' | 'multiply'): Value {
  const shape = call.inputs[0]?.shape ?? [];
  if (call.inputs.some((input) => input.shape.join() !== shape.join())) {
    throw unsupported(call, 'its inputs differ in shape');
  }
  return call.add({
    inputs: call.inputs,
    output: new Value(shape),
    inPlace: true,
    emit({ kernel }, inputs, { address, stride }) {
      const others = inputs.slice(1).map((place) => place.address);
      const join = operation === 'multiply' ? kernel.multiply : kernel.add;
      const share = operation === 'average' ? 1 / inputs.length : undefined;
      return (rows) => {
        const count = rows * stride;
        for (const other of others) join(address, address, other, count);
        if (share !== undefined) kernel.scale(address, count, share);
      };
    },
  });
}

/** Compiles a Concatenate of columns. */
export const compileConcatenate: LayerCompiler = (call) => {
  const { inputs } = call;
  checkLastAxis(call);
  if (inputs.some((input) => input.shape.length !== 1)) {
    throw unsupported(call, 'its inputs have more than one axis');
  }
  return call.add({
    inputs,
    output: new Value([inputs.reduce((width, input) => width + input.width, 0)]),
    inPlace: false,
    emit({ kernel }, places, output) {
      let next = output.address;
      const copies = places.map(({ address, stride }, i) => {
        const { width } = inputs[i]!;
        const to = next;
        next += 4 * width;
        return (rows: number) =>
          kernel.copyColumns(address, stride, to, output.stride, width, rows);
      });
      return (rows) => {
        for (const copy of copies) copy(rows);
      };
    },
  });
};
