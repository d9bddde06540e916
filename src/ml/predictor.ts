import { type Fault, LapidaryError, MAX_FAULTS } from '../core/errors.js';
import { Encoder } from './encoding/encoder.js';
import type { FittedEncoding } from './encoding/fitted.js';
import { InstanceReader, type Warning } from './encoding/instance.js';
import { mostProbable } from './metrics/classification.js';
import type { Plan } from './plan/plan.js';
import { classesOf, type Spec } from './spec.js';
import { decodeTarget } from './target.js';

/** The answer for one instance: a value, or a class with the probabilities of all. */
export interface Answer {
  value?: number;
  label?: string;
  probabilities?: Record<string, number>;
  /** What makes the answer less certain than its like. */
  warnings?: Warning[];
}

/** A version ready to serve: instances in, answers out, in one pass over preallocated memory. */
export class Predictor {
  private readonly reader: InstanceReader;
  private readonly encoder: Encoder;
  private readonly values: Float64Array;
  private readonly classes: readonly string[];
  /** Numbers that are predicted of an instance: one, or the probability of each class. */
  readonly outputs: number;

  constructor(
    private readonly spec: Spec,
    private readonly encoding: FittedEncoding,
    private readonly plan: Plan,
  ) {
    this.reader = new InstanceReader(spec, encoding.ranges);
    this.encoder = new Encoder(spec, encoding);
    this.values = new Float64Array(this.reader.size);
    this.classes = classesOf(spec);
    this.outputs = this.classes.length || 1;
    if (this.encoder.width !== plan.inputSize || this.outputs !== plan.outputSize) {
      throw new Error(
        `the spec makes ${this.encoder.width} inputs and ${this.outputs} outputs, the network has ${plan.inputSize} and ${plan.outputSize}`,
      );
    }
  }

  /**
   * Answers instances in their order.
   * @throws LapidaryError `invalid_instances` with the first faults; then no instance is answered
   */
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

  /**
   * Answers rows that were read already.
   * @param values of the rows, as a {@link RowBlock} has them
   * @param out `[count * outputs]`, where the answers go
   */
  predictRows(values: Float64Array, count: number, out: Float64Array): void {
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

  private answer(outputs: Float32Array, at: number, { warnings }: Answer): Answer {
    const answer: Answer =
      this.classes.length === 0
        ? { value: this.decode(outputs[at]!) }
        : this.classify(outputs.subarray(at, at + this.outputs));
    return warnings ? { ...answer, warnings } : answer;
  }

  private classify(outputs: Float32Array): Answer {
    const probabilities: Record<string, number> = {};
    for (let c = 0; c < outputs.length; c++) probabilities[this.classes[c]!] = outputs[c]!;
    return { label: this.classes[mostProbable(outputs)]!, probabilities };
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
  return new LapidaryError(
    'invalid_instances',
    `${where}: ${first!.message}${more}`,
    faults.slice(0, MAX_FAULTS),
  );
}
