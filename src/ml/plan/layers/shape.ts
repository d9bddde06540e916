import { sizeOf } from '../artifact.js';
import { Value } from '../step.js';
import { type LayerCall, type LayerCompiler, onlyInput, unsupported } from './layer.js';

export const compileNoOp: LayerCompiler = (call) => onlyInput(call);

export const compileFlatten: LayerCompiler = (call) => {
  const input = onlyInput(call);
  if (call.config.data_format === 'channels_first' && input.shape.length > 1) {
    throw unsupported(call, 'its data has channels first');
  }
  return reinterpret(call, input, [input.width]);
};

export const compileReshape: LayerCompiler = (call) => {
  const input = onlyInput(call);
  const target = call.config.target_shape;
  if (!Array.isArray(target) || !target.every((length) => Number.isInteger(length))) {
    throw unsupported(call, 'its target shape is not a list of integers');
  }
  const known = sizeOf(target.filter((length) => length !== -1));
  const shape = target.map((length) => (length === -1 ? input.width / known : length));
  if (sizeOf(shape) !== input.width || !shape.every(Number.isInteger)) {
    throw unsupported(call, `[${input.shape}] does not fill its target shape [${target}]`);
  }
  return reinterpret(call, input, shape);
};

/** Returns the same floats with another shape. */
function reinterpret(call: LayerCall, input: Value, shape: readonly number[]): Value {
  const output = new Value(shape);
  return call.add({ inputs: [input], output, inPlace: true, emit: () => undefined });
}
