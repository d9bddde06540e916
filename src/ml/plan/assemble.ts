import { Arena } from './arena.js';
import { countUses } from './fold.js';
import type { Program } from './lower.js';
import type { Plan } from './plan.js';
import { type Place, padded, type Step, type Value } from './step.js';

/** Maximum number of rows per run: enough that each loaded weight is reused many times. */
const MOST_ROWS = 64;
/** Minimum number of rows, since a kernel takes 4 at once. */
const LEAST_ROWS = 4;
/** Number of floats of a layer that fit the second-level cache. */
const FLOATS_IN_CACHE = 1 << 16;

/** Assigns memory to the values of a program, and code to its steps. */
export function assemble(program: Program): Plan {
  const assembler = new Assembler(program);
  for (const step of program.steps) assembler.append(step);
  return assembler.finish();
}

class Assembler {
  readonly #arena = new Arena();
  readonly #code: ((rows: number) => void)[] = [];
  readonly #places = new Map<Value, Place>();
  /** Number of steps that have yet to read each value. */
  readonly #readers: Map<Value, number>;
  /** Places of values without readers, which are used again, so that the memory in use fits the cache. */
  readonly #free: Place[] = [];
  readonly #input: Place;
  readonly #capacity: number;

  constructor(readonly program: Program) {
    this.#capacity = capacityFor(program);
    this.#readers = countUses(program);
    const stride = program.inputs.reduce((sum, { width }) => sum + width, 0);
    this.#input = { address: this.#arena.reserve(this.#capacity * stride), stride };
    let { address } = this.#input;
    for (const value of program.inputs) {
      this.#places.set(value, { address, stride });
      address += 4 * value.width;
    }
  }

  append(step: Step): void {
    const inputs = step.inputs.map((value) => this.#places.get(value)!);
    const output = step.inPlace ? this.#placeToOverwrite(step.inputs[0]!) : this.#take(step.output);
    const read = step.inPlace
      ? inputs.map((place, i) => (i === 0 ? output : this.#padded(step.inputs[i]!, place)))
      : inputs;
    const run = step.emit(this.#arena, read, output);
    if (run !== undefined) this.#code.push(run);
    this.#places.set(step.output, output);
    for (const value of step.inputs) this.#release(value, output);
  }

  finish(): Plan {
    const { output } = this.program;
    const result = this.#unpadded(output, this.#places.get(output)!);
    const arena = this.#arena;
    const capacity = this.#capacity;
    const code = this.#code;
    const views: Float32Array[] = [];
    return {
      inputSize: this.#input.stride,
      outputSize: output.width,
      capacity,
      input: arena.view(this.#input.address, capacity * this.#input.stride),
      run(rows) {
        if (!(Number.isInteger(rows) && rows >= 1 && rows <= capacity)) {
          throw new RangeError(`A run takes 1 to ${capacity} rows, not ${rows}`);
        }
        for (const step of code) step(rows);
        // Creating a view takes as long as a small layer, so there is one for each number of rows.
        views[rows] ??= arena.view(result.address, rows * output.width);
        return views[rows];
      },
    };
  }

  /** Returns the value's own place if the step is its last reader, else a copy. */
  #placeToOverwrite(value: Value): Place {
    const place = this.#places.get(value)!;
    const isDying = this.#readers.get(value) === 1 && !this.program.inputs.includes(value);
    return isDying ? place : this.#copy(value, place, this.#take(value));
  }

  /** Returns the place of a value with padded rows: its own, except for the plan's input. */
  #padded(value: Value, place: Place): Place {
    if (place.stride === padded(value.width)) return place;
    return this.#copy(value, place, this.#take(value));
  }

  #unpadded(value: Value, place: Place): Place {
    if (place.stride === value.width) return place;
    const address = this.#arena.reserve(this.#capacity * value.width);
    return this.#copy(value, place, { address, stride: value.width });
  }

  #copy({ width }: Value, from: Place, to: Place): Place {
    const { kernel } = this.#arena;
    this.#code.push((rows) =>
      kernel.copyColumns(from.address, from.stride, to.address, to.stride, width, rows),
    );
    return to;
  }

  #take({ width }: Value): Place {
    const stride = padded(width);
    const i = this.#free.findIndex((place) => place.stride === stride);
    if (i >= 0) return this.#free.splice(i, 1)[0]!;
    return { address: this.#arena.reserve(this.#capacity * stride), stride };
  }

  /** Frees a value's place after its last reader, unless the output uses it. */
  #release(value: Value, output: Place): void {
    const left = this.#readers.get(value)! - 1;
    this.#readers.set(value, left);
    const place = this.#places.get(value)!;
    if (left === 0 && place !== output && !this.program.inputs.includes(value)) {
      this.#free.push(place);
    }
  }
}

function capacityFor({ inputs, steps }: Program): number {
  const widths = [...inputs, ...steps.map(({ output }) => output)].map(({ width }) => width);
  const rows = Math.floor(FLOATS_IN_CACHE / Math.max(...widths));
  return Math.min(MOST_ROWS, Math.max(LEAST_ROWS, rows - (rows % 4)));
}
