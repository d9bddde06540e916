import { type Fault, LapidaryError } from '../core/errors.js';
import { Encoder } from './encoding/encoder.js';
import type { FittedEncoding } from './encoding/fitted.js';
import { InstanceReader, type Warning } from './encoding/instance.js';
import type { Plan } from './plan/plan.js';
import type { Spec } from './spec.js';
import { decodeTarget } from './target.js';

/** The answer for one instance. */
export interface Answer {
  value: number;
  /** What makes the answer less certain than its like. */
  warnings?: Warning[];
}

/** Faults that are told at once; a request of ten thousand wrong rows need not answer with all of them. */
const MAX_FAULTS = 100;

/** A version ready to serve: instances in, answers out, in one pass over preallocated memory. */
export class Predictor {
  private readonly reader: InstanceReader;
  private readonly encoder: Encoder;
  private readonly values: Float64Array;

  constructor(
    private readonly spec: Spec,
    private readonly encoding: FittedEncoding,
    private readonly plan: Plan,
  ) {
    this.reader = new InstanceReader(spec, encoding.ranges);
    this.encoder = new Encoder(spec, encoding);
    this.values = new Float64Array(this.reader.size);
    if (this.encoder.width !== plan.inputSize) {
      throw new Error(
        `the encoding makes ${this.encoder.width} inputs, the network takes ${plan.inputSize}`,
      );
    }
  }

  /**
   * Answers instances in their order.
   * @throws LapidaryError `invalid_instances` with every fault; then no instance is answered
   */
  predict(instances: readonly unknown[]): Answer[] {
    const { capacity } = this.plan;
    const answers: Answer[] = [];
    const faults: Fault[] = [];
    for (let start = 0; start < instances.length && faults.length < MAX_FAULTS; start += capacity) {
      const end = Math.min(start + capacity, instances.length);
      for (let i = start; i < end; i++)
        answers.push(this.encode(instances[i], i, i - start, faults));
      if (faults.length === 0) this.fill(answers, start, end);
    }
    if (faults.length > 0) throw invalidInstances(faults);
    return answers;
  }

  private encode(instance: unknown, index: number, row: number, faults: Fault[]): Answer {
    const before = faults.length;
    this.reader.read(instance, index, this.values, faults);
    if (faults.length > before) return { value: Number.NaN };
    this.encoder.encode(this.values, this.plan.input, row * this.plan.inputSize);
    const warnings = this.reader.warnings(this.values);
    return warnings ? { value: 0, warnings } : { value: 0 };
  }

  private fill(answers: Answer[], start: number, end: number): void {
    const outputs = this.plan.run(end - start);
    for (let i = start; i < end; i++) {
      answers[i]!.value = decodeTarget(this.spec, this.encoding, outputs[i - start]!);
    }
  }
}

function invalidInstances(faults: readonly Fault[]): LapidaryError {
  const [first] = faults;
  const where = `instance ${first!.instance}${first!.field === undefined ? '' : `, field ${first!.field}`}`;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new LapidaryError(
    'invalid_instances',
    `${where}: ${first!.message}${more}`,
    faults.slice(0, MAX_FAULTS),
  );
}
