import { type Fault, LapidaryError, MAX_FAULTS } from '../core/errors.js';
import { Encoder } from './encoding/encoder.js';
import type { FittedEncoding } from './encoding/fitted.js';
import { InstanceReader } from './encoding/instance.js';
import { type Answer, classify, type Model } from './model.js';
import type { Plan } from './plan/plan.js';
import { classesOf, type Spec } from './spec.js';
import { decodeTarget } from './target.js';

/** Computes a model's outputs from encoded rows, as a plan, but in 32 or 64 bits. */
interface RowEngine extends Omit<Plan, 'run'> {
  /** Computes the first rows of the input. @returns a view of `[rows * outputSize]` that the next run overwrites */
  run(rows: number): Float32Array | Float64Array;
}

/** Predicts with an encoding and a plan, in one pass over preallocated memory. */
export class PlanModel implements Model {
  private readonly reader: InstanceReader;
  private readonly encoder: Encoder;
  private readonly values: Float64Array;
  private readonly classes: readonly string[];
  readonly outputs: number;

  constructor(
    private readonly spec: Spec,
    private readonly encoding: FittedEncoding,
    private readonly plan: RowEngine,
  ) {
    this.reader = new InstanceReader(spec, encoding.ranges);
    this.encoder = new Encoder(spec, encoding);
    this.values = new Float64Array(this.reader.size);
    this.classes = classesOf(spec);
    this.outputs = this.classes.length || 1;
    if (this.encoder.width !== plan.inputSize || this.outputs !== plan.outputSize) {
      throw new Error(
        `the spec has ${this.encoder.width} inputs and ${this.outputs} outputs, the network has ${plan.inputSize} and ${plan.outputSize}`,
      );
    }
  }

  predict(instances: readonly unknown[]): Answer[] {
    const { capacity } = this.plan;
    const answers: Answer[] = [];
    const faults: Fault[] = [];
    for (let start = 0; start < instances.length && faults.length < MAX_FAULTS; start += capacity) {
      const end = Math.min(start + capacity, instances.length);
      for (let i = start; i < end && faults.length < MAX_FAULTS; i++)
        answers.push(this.encode(instances[i], i, i - start, faults));
      if (faults.length === 0) this.fill(answers, start, end);
    }
    if (faults.length > 0) throw invalidInstances(faults);
    return answers;
  }

  predictRows(values: Float64Array, count: number): Float64Array {
    const out = new Float64Array(count * this.outputs);
    const { capacity, input, inputSize } = this.plan;
    const { size } = this.reader;
    for (let start = 0; start < count; start += capacity) {
      const rows = Math.min(capacity, count - start);
      for (let row = 0; row < rows; row++) {
        const at = (start + row) * size;
        this.encoder.encode(values.subarray(at, at + size), input, row * inputSize);
      }
      const outputs = this.plan.run(rows);
      for (let i = 0; i < rows * this.outputs; i++)
        out[start * this.outputs + i] = this.decode(outputs[i]!);
    }
    return out;
  }

  private encode(instance: unknown, index: number, row: number, faults: Fault[]): Answer {
    const before = faults.length;
    this.reader.read(instance, index, this.values, faults);
    if (faults.length > before) return {};
    this.encoder.encode(this.values, this.plan.input, row * this.plan.inputSize);
    const warnings = this.reader.warnings(this.values, instance);
    return warnings ? { warnings } : {};
  }

  private fill(answers: Answer[], start: number, end: number): void {
    const outputs = this.plan.run(end - start);
    for (let i = start; i < end; i++)
      answers[i] = this.answer(outputs, (i - start) * this.outputs, answers[i]!);
  }

  private answer(outputs: Float32Array | Float64Array, at: number, { warnings }: Answer): Answer {
    const answer: Answer =
      this.classes.length === 0
        ? { value: this.decode(outputs[at]!) }
        : classify(this.classes, outputs.subarray(at, at + this.outputs));
    return warnings ? { ...answer, warnings } : answer;
  }

  private decode(output: number): number {
    return this.classes.length > 0 ? output : decodeTarget(this.spec, this.encoding, output);
  }
}

function invalidInstances(faults: readonly Fault[]): LapidaryError {
  const [first] = faults;
  const where = `instance ${first!.instance}${first!.field === undefined ? '' : `, field ${first!.field}`}`;
  const least = faults.length < MAX_FAULTS ? '' : 'at least ';
  const more = faults.length > 1 ? ` (and ${least}${faults.length - 1} more)` : '';
  const detail = `${where}: ${first!.message}${more}`;
  return new LapidaryError('invalid_instances', detail, faults.slice(0, MAX_FAULTS));
}
