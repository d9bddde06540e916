import type { LayersArtifact } from '../../ml/plan/artifact.js';
import { refusal } from './artifact.js';
import { isModel, type Json, layersOf, listOf, nameOf, objectOf } from './json.js';

type Topology = Pick<LayersArtifact, 'modelTopology' | 'weightSpecs'>;

/** Activations renamed by Keras 3. */
const RENAMED: Readonly<Record<string, string>> = { silu: 'swish' };
/** Activations whose formula Keras 3 has changed, so that TensorFlow.js differs. */
const CHANGED = ['hard_sigmoid'];

/**
 * Rewrites a model of Keras 3 to the format of Keras 2, which TensorFlow.js reads. Other models are unchanged.
 * @throws LapidaryError `invalid_model` if Keras 2 cannot express it
 */
export function asKeras2({ modelTopology, weightSpecs }: Topology): Topology {
  const root = modelTopology as Json;
  if (!String(root.keras_version ?? '').startsWith('3')) return { modelTopology, weightSpecs };
  const kinds = new Map<string, unknown>();
  const model = rewriteLayer(objectOf(root.model_config), kinds);
  return {
    modelTopology: { ...root, model_config: model },
    weightSpecs: weightSpecs.map((weight) => ({ ...weight, name: weightName(weight.name, kinds) })),
  };
}

/** Rewrites a layer. @param kinds receives the classes of all layers other than models, by name */
function rewriteLayer(layer: Json, kinds: Map<string, unknown>): Json {
  const { class_name, inbound_nodes } = layer;
  const config = isModel(layer)
    ? rewriteModel(objectOf(layer.config), kinds)
    : rewriteConfig(String(class_name), objectOf(layer.config));
  const name = nameOf({ ...layer, config });
  if (!isModel(layer) && typeof name === 'string') kinds.set(name, class_name);
  return {
    class_name,
    name,
    config,
    ...(Array.isArray(inbound_nodes) && { inbound_nodes: inbound_nodes.map(rewriteCall) }),
  };
}

function rewriteModel(config: Json, kinds: Map<string, unknown>): Json {
  const { input_layers, output_layers, name } = config;
  const entries = layersOf({ config });
  const inner = new Set(entries.filter(isModel).map(nameOf));
  // In Keras 2 a nested model has a node of its own before those of its calls.
  const shift = (ref: unknown[]) =>
    inner.has(ref[0]) ? [ref[0], Number(ref[1]) + 1, ...ref.slice(2)] : ref;
  return {
    name,
    layers: entries.map((entry) => {
      const layer = rewriteLayer(entry, kinds);
      const calls = layer.inbound_nodes as unknown[][][] | undefined;
      return calls ? { ...layer, inbound_nodes: calls.map((call) => call.map(shift)) } : layer;
    }),
    ...(input_layers !== undefined && {
      input_layers: references(input_layers),
      output_layers: references(output_layers).map(shift),
    }),
  };
}

function rewriteConfig(className: string, config: Json): Json {
  const { batch_shape, negative_slope, dtype, layer, ...rest } = config;
  const slope = className === 'LeakyReLU' ? 'alpha' : 'negative_slope';
  const rewritten: Record<string, unknown> = {
    ...rest,
    dtype: typeof dtype === 'string' ? dtype : 'float32',
    ...(batch_shape !== undefined && { batch_input_shape: batch_shape }),
    ...(negative_slope !== undefined && { [slope]: negative_slope }),
    ...(layer !== undefined && { layer: rewriteLayer(objectOf(layer), new Map()) }),
  };
  for (const key of ['activation', 'recurrent_activation']) {
    const activation = rewritten[key];
    if (CHANGED.includes(activation as string))
      throw refusal(
        `Keras 3 has changed the formula of ${activation}, which layer ${rest.name} uses`,
      );
    if (typeof activation === 'string' && Object.hasOwn(RENAMED, activation))
      rewritten[key] = RENAMED[activation];
  }
  return rewritten;
}

/** Finds the tensors that a layer is called on among its arguments. */
function rewriteCall(call: unknown): unknown[][] {
  const { args, kwargs } = objectOf(call);
  if (tensorsIn(kwargs).length > 0) throw refusal('a layer is called on tensors by keyword');
  return tensorsIn(args).map((ref) => [...ref, {}]);
}

function tensorsIn(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value === null || typeof value !== 'object') return [];
  const { class_name, config, ...others } = value as Json;
  if (class_name === '__keras_tensor__') return [[...listOf(objectOf(config).keras_history)]];
  return Object.values(others).flatMap(tensorsIn);
}

/** Lists the references of a call: Keras 3 omits the list for a single one, and may name several. */
function references(value: unknown): unknown[][] {
  const refs = Array.isArray(value) ? value : Object.values(objectOf(value));
  return (typeof refs[0] === 'string' ? [refs] : refs) as unknown[][];
}

/** Returns the path of a variable from its layer on, with its name in Keras 2. */
function weightName(path: string, kinds: ReadonlyMap<string, unknown>): string {
  const parts = path.split('/');
  const at = Math.max(
    0,
    parts.findIndex((part) => kinds.has(part)),
  );
  const name = parts.slice(at).join('/');
  return kinds.get(parts[at]!) === 'DepthwiseConv2D'
    ? name.replace(/\/kernel$/, '/depthwise_kernel')
    : name;
}
