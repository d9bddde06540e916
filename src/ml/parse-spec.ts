import { type TLiteral, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Fault, LapidaryError } from '../core/errors.js';
import { EncodingStep, Feature, featuresOf, Spec } from './spec.js';

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

/** Everything but the features and steps, whose schemas depend on what each says that it is. */
const Frame = Type.Object(
  {
    ...Spec.properties,
    features: Type.Array(Type.Unknown(), { minItems: 1 }),
    encoding: Type.Array(Type.Unknown(), { minItems: 1 }),
  },
  { additionalProperties: false },
);

function shapeFaults(value: unknown): Fault[] {
  const faults = errorsOf(Frame, value, '');
  const { features, encoding } = Object(value) as Record<string, unknown>;
  for (const [list, path, tag, variants] of [
    [features, '/features', 'kind', Feature.anyOf],
    [encoding, '/encoding', 'encode', EncodingStep.anyOf],
  ] as const) {
    if (!Array.isArray(list)) continue;
    list.forEach((item, i) => {
      faults.push(...variantErrors(item, `${path}/${i}`, tag, variants));
    });
  }
  return faults;
}

/** The errors of the one variant that the tag names: a union would tell those of all of them. */
function variantErrors(
  item: unknown,
  path: string,
  tag: string,
  variants: readonly TSchema[],
): Fault[] {
  const said = (Object(item) as Record<string, unknown>)[tag];
  const tags = variants.map(
    (variant) => (variant as TObject<Record<string, TLiteral>>).properties[tag]!.const,
  );
  const variant = variants[tags.indexOf(said as string)];
  if (variant) return errorsOf(variant, item, path);
  return [
    {
      field: `${path}/${tag}`,
      code: 'invalid_field',
      message: `must be one of ${tags.join(', ')}`,
    },
  ];
}

function errorsOf(schema: TSchema, value: unknown, path: string): Fault[] {
  return Value.Errors(schema, value).map((error) => ({
    field: path + error.instancePath || '/',
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
    if (feature.kind === 'number' && feature.minimum! > feature.maximum!)
      faults.push(fault(`/features/${i}`, 'its minimum is above its maximum'));
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
