import { Value } from 'typebox/value';
import { type Fault, LapidaryError } from '../core/errors.js';
import { type EncodingStep, type Feature, featuresOf, Spec } from './spec.js';

const KIND_OF_STEP = {
  standard: 'number',
  log: 'number',
  piecewise: 'number',
  oneHot: 'category',
  embedding: 'category',
  cyclic: 'datetime',
} as const satisfies Record<EncodingStep['encode'], Feature['kind']>;

/**
 * Reads a spec from parsed JSON.
 * @throws LapidaryError `invalid_spec` naming every field at fault.
 */
export function parseSpec(value: unknown): Spec {
  const faults = Value.Check(Spec, value) ? contradictions(value) : shapeFaults(value);
  if (faults.length > 0) {
    throw new LapidaryError(
      'invalid_spec',
      faults.map((f) => `${f.field}: ${f.message}`).join('; '),
      faults,
    );
  }
  return value as Spec;
}

function shapeFaults(value: unknown): Fault[] {
  return Value.Errors(Spec, value).map((error) => ({
    field: error.instancePath || '/',
    code: 'invalid_field',
    message: error.message,
  }));
}

function contradictions(spec: Spec): Fault[] {
  const faults: Fault[] = [];
  const kinds = new Map<string, Feature['kind']>();
  spec.features.forEach((feature, i) => {
    if (kinds.has(feature.name))
      faults.push(fault(`/features/${i}`, `"${feature.name}" is there twice`));
    kinds.set(feature.name, feature.kind);
  });
  if (kinds.has(spec.target.name))
    faults.push(fault('/target', 'the target cannot be a feature too'));
  spec.encoding.forEach((step, i) => {
    for (const name of featuresOf(step)) {
      const kind = kinds.get(name);
      if (kind === undefined)
        faults.push(fault(`/encoding/${i}`, `no feature is called "${name}"`));
      else if (kind !== KIND_OF_STEP[step.encode]) {
        faults.push(fault(`/encoding/${i}`, `${step.encode} cannot encode the ${kind} "${name}"`));
      }
    }
    if (
      step.encode === 'piecewise' &&
      step.knots.some((knot, k) => k > 0 && knot <= step.knots[k - 1]!)
    ) {
      faults.push(fault(`/encoding/${i}/knots`, 'knots must rise'));
    }
  });
  return faults;
}

function fault(field: string, message: string): Fault {
  return { field, code: 'contradiction', message };
}
