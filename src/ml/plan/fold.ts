import { Dense } from './layers/dense.js';
import { Affine } from './layers/normalization.js';
import type { Program } from './lower.js';
import type { Step, Value } from './step.js';

/** How many steps read each value; the program's output counts as read once more. */
export function countUses({ steps, output }: Program): Map<Value, number> {
  const uses = new Map<Value, number>([[output, 1]]);
  for (const input of steps.flatMap((step) => step.inputs)) {
    uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

/**
 * Works a normalisation into the product before it, where nobody else reads that product:
 * (x W + b) factor + shift = x (W factor) + (b factor + shift).
 */
export function foldAffine(program: Program): Program {
  const uses = countUses(program);
  const steps: Step[] = [];
  for (const step of program.steps) {
    const before = steps.at(-1);
    const folds =
      step instanceof Affine &&
      before instanceof Dense &&
      before.output === step.input &&
      uses.get(step.input) === 1;
    if (folds) steps[steps.length - 1] = folded(before, step);
    else steps.push(step);
  }
  return { ...program, steps };
}

function folded(dense: Dense, { output, factor, shift }: Affine): Dense {
  const kernel = dense.kernel.map((weight, i) => weight * factor[i % output.width]!);
  const bias = dense.bias.map((value, i) => value * factor[i]! + shift[i]!);
  return new Dense(dense.input, output, kernel, bias);
}
