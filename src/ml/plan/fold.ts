import { Elementwise } from './layers/activation.js';
import { Convolution } from './layers/convolution.js';
import { Dense } from './layers/dense.js';
import { Affine } from './layers/normalization.js';
import type { Program } from './lower.js';
import type { Step, Value } from './step.js';

/** Counts the steps that read each value; the program's output counts as read once more. */
export function countUses({ steps, output }: Program): Map<Value, number> {
  const uses = new Map<Value, number>([[output, 1]]);
  for (const input of steps.flatMap((step) => step.inputs)) {
    uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

/**
 * Merges steps into the product before them, unless another step reads that product: a normalisation, and a ReLU into a
 * convolution, whose results are many.
 */
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
    const merged = isOnlyReader ? merge(before, step) : undefined;
    if (merged !== undefined) steps[steps.length - 1] = merged;
    else steps.push(step);
  }
  return { ...program, steps };
}

function merge(before: Step, step: Step): Step | undefined {
  const { output } = step;
  if (before instanceof Dense && step instanceof Affine) {
    const { kernel, bias } = scaled(before, step);
    return new Dense(before.input, output, kernel, bias);
  }
  if (!(before instanceof Convolution) || before.low !== Number.NEGATIVE_INFINITY) return undefined;
  if (step instanceof Affine)
    return new Convolution({ ...before.parts, output, ...scaled(before, step) });
  if (!(step instanceof Elementwise) || step.low === undefined) return undefined;
  return new Convolution({ ...before.parts, output, low: step.low });
}

/** Scales a product: (x W + b) factor + shift = x (W factor) + (b factor + shift). The last axis of W is that of the outputs. */
function scaled({ kernel, bias }: Dense | Convolution, { factor, shift }: Affine) {
  return {
    kernel: kernel.map((weight, i) => weight * factor[i % factor.length]!),
    bias: bias.map((value, i) => value * factor[i]! + shift[i]!),
  };
}
