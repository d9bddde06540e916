import { Elementwise } from './layers/activation.js';
import { Convolution } from './layers/convolution.js';
import { Dense } from './layers/dense.js';
import { DepthwiseConvolution } from './layers/depthwise.js';
import { Affine } from './layers/normalization.js';
import type { Program } from './lower.js';
import type { Step, Value } from './step.js';

/** Returns the number of steps that read each value; the program's output has one more reader. */
export function countUses({ steps, output }: Program): Map<Value, number> {
  const uses = new Map<Value, number>([[output, 1]]);
  for (const input of steps.flatMap((step) => step.inputs)) {
    uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

/** Folds the next step into a product that no other step reads: a normalisation, and for a convolution a ReLU too. */
export function fold(program: Program): Program {
  const uses = countUses(program);
  const steps: Step[] = [];
  for (const step of program.steps) {
    const before = steps.at(-1);
    const isOnlyReader =
      before !== undefined &&
      step.inputs.length === 1 &&
      step.inputs[0] === before.output &&
      uses.get(before.output) === 1;
    const both = isOnlyReader ? joined(before, step) : undefined;
    if (both !== undefined) steps[steps.length - 1] = both;
    else steps.push(step);
  }
  return { ...program, steps };
}

function joined(before: Step, step: Step): Step | undefined {
  if (before instanceof Dense && step instanceof Affine) {
    const { kernel, bias } = scaled(before, step);
    return new Dense(before.input, step.output, kernel, bias);
  }
  const isImage = before instanceof Convolution || before instanceof DepthwiseConvolution;
  if (!isImage || before.low !== Number.NEGATIVE_INFINITY) return undefined;
  const { input, axes } = before;
  const Kind = before instanceof Convolution ? Convolution : DepthwiseConvolution;
  if (step instanceof Affine) {
    const { kernel, bias } = scaled(before, step);
    return new Kind(input, step.output, axes, kernel, bias);
  }
  if (!(step instanceof Elementwise) || step.low === undefined) return undefined;
  return new Kind(input, step.output, axes, before.kernel, before.bias, step.low);
}

/** (x W + b) factor + shift = x (W factor) + (b factor + shift). The last axis of W is the outputs'. */
function scaled(
  { kernel, bias }: Dense | Convolution | DepthwiseConvolution,
  { factor, shift }: Affine,
) {
  return {
    kernel: kernel.map((weight, i) => weight * factor[i % factor.length]!),
    bias: bias.map((value, i) => value * factor[i]! + shift[i]!),
  };
}
