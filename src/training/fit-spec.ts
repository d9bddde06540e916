import { defined } from '../core/defined.js';
import { faultsError, LapidaryError } from '../core/errors.js';
import { columnsOf, type DatasetDefinition, parseDefinition } from '../datasets/index.js';
import { parseSpec } from '../ml/parse-spec.js';
import type { Feature, Target, TrainableSpec } from '../ml/spec.js';
import type { CsvSource, DataSource } from '../rows/source.js';
import { draftFromSchema } from './draft/schema.js';
import type { FitRequest } from './schema.js';

type Schema = Pick<DatasetDefinition, 'features' | 'target'>;
type Bag = Record<string, unknown>;

/** Required parts of a spec. */
const PARTS = ['task', 'features', 'target', 'encoding', 'network', 'hyperparameters'] as const;

/**
 * Completes the spec of a fit request from the schema and rows of its dataset, with remarks on the features left out.
 * @throws LapidaryError `invalid_spec` naming each field of the request at fault; `invalid_dataset`
 */
export async function fitSpec(
  name: string,
  request: FitRequest,
  definition: DatasetDefinition,
  source: DataSource & CsvSource,
): Promise<{ spec: TrainableSpec; remarks: string[] }> {
  const given: Bag = request.spec ?? {};
  const schema = chooseSchema(name, request, definition);
  const isComplete = PARTS.every((part) => given[part] !== undefined);
  const { spec: draft, remarks }: { spec: Bag; remarks: string[] } = isComplete
    ? { spec: { title: name, description: '' }, remarks: [] }
    : await draftFromSchema(name, schema, source, source.dataset?.rows ?? 0);
  const spec = {
    ...draft,
    ...given,
    name,
    network: merged(draft.network, given.network),
    hyperparameters: merged(draft.hyperparameters, given.hyperparameters, request.hyperparameters),
  };
  return { spec: placing(request, () => parseSpec(spec)), remarks };
}

/** Chooses features and target: those of the request, or else those of the dataset. */
function chooseSchema(name: string, request: FitRequest, definition: DatasetDefinition): Schema {
  const { spec = {}, target: wanted } = request;
  const declared = spec.target as Target | undefined;
  if (spec.name !== undefined && spec.name !== name)
    throw fault('/spec/name', `it must be the model's name, "${name}"`);
  if (wanted !== undefined && declared !== undefined && declared.name !== wanted)
    throw fault('/target', `the spec's target is "${declared.name}"`);
  const target = declared ?? chooseTarget(wanted, definition);
  const own = definition.features.filter((feature) => feature.name !== target.name);
  const former = target.name === definition.target.name ? [] : [asFeature(definition.target)];
  const features = (spec.features as Feature[] | undefined) ?? [...own, ...former];
  const schema = placing(request, () => parseDefinition({ features, target }));
  const columns = columnsOf(definition);
  schema.features.forEach((feature, i) => {
    if (columns.includes(feature.name)) return;
    throw fault(`/spec/features/${i}`, `the dataset has no column "${feature.name}"`);
  });
  if (!columns.includes(schema.target.name))
    throw fault('/spec/target', `the dataset has no column "${schema.target.name}"`);
  return schema;
}

/** Chooses the target: the dataset's own, or one of its features. */
function chooseTarget(name: string | undefined, { features, target }: DatasetDefinition): Target {
  if (name === undefined || name === target.name) return target;
  const feature = features.find((each) => each.name === name);
  if (!feature) {
    const names = [...features, target].map((each) => each.name).join(', ');
    throw fault('/target', `the dataset has no column "${name}"; there are ${names}`);
  }
  switch (feature.kind) {
    case 'number': {
      const { unit, decimal, missing, otherText } = feature;
      return {
        name,
        ...defined({ unit, decimal, otherText }),
        ...((missing || otherText) && { optional: true }),
        ...(missing && missing.length > 0 && { missing }),
      };
    }
    case 'category':
      if (!feature.unknown && feature.categories.length > 1)
        return { name, classes: feature.categories };
      throw fault('/target', `"${name}" has no fixed list of categories: it cannot be predicted`);
    default:
      throw fault('/target', `"${name}" is a ${feature.kind}: it cannot be predicted`);
  }
}

/** Converts a dataset's target to a feature of a model that predicts something else. */
function asFeature(target: Target): Feature {
  const { name, classes, above, blank, optional, missing, otherText, unit, decimal } = target;
  const mayLack = optional || missing !== undefined || blank !== undefined;
  if (classes && above === undefined) {
    const unknown = { unknown: true, ...defined({ missing: missing?.map(String) }) };
    return { name, kind: 'category', categories: classes, ...(mayLack && unknown) };
  }
  const format = defined({ unit, decimal, otherText });
  return { name, kind: 'number', ...format, ...(mayLack && { missing: missing ?? [] }) };
}

function merged(...parts: readonly unknown[]): unknown {
  const known = parts.filter((part) => part !== undefined);
  // The parser reports parts that are not objects.
  const odd = known.find((part) => typeof part !== 'object' || part === null);
  return odd === undefined ? Object.assign({}, ...known) : odd;
}

/** Renames the fields of faults to those of the request. */
function placing<Value>(request: FitRequest, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof LapidaryError) || error.faults.length === 0) throw error;
    const own = Object.keys(request.hyperparameters ?? {}).map((key) => `/hyperparameters/${key}`);
    const faults = error.faults.map(({ field = '', ...rest }) => ({
      field: own.includes(field) ? field : `/spec${field === '/' ? '' : field}`,
      ...rest,
    }));
    throw faultsError('invalid_spec', faults);
  }
}

/** Creates an error about a field of the request. */
export function fault(
  field: string,
  message: string,
  code: 'invalid_spec' | 'dataset_not_found' | 'invalid_dataset' = 'invalid_spec',
): LapidaryError {
  return faultsError(code, [{ field, code: 'invalid_field', message }]);
}
