/** An untrusted JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Returns a value if it is an object, else an empty object. */
export function objectOf(value: unknown): Json {
  return (value !== null && typeof value === 'object' ? value : {}) as Json;
}

/** Returns a value if it is a list, else an empty list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Returns the model of a topology, which may be wrapped. */
export function modelOf(topology: unknown): Json {
  const root = objectOf(topology);
  return objectOf(root.model_config ?? root);
}

/** Returns whether a layer of a topology is itself a model. */
export function isModel({ class_name }: Json): boolean {
  return class_name === 'Sequential' || class_name === 'Functional' || class_name === 'Model';
}

/** Returns the name of a layer of a topology. */
export function nameOf(layer: Json): unknown {
  return layer.name ?? objectOf(layer.config).name;
}

/** Returns the layers of a model of a topology. Early versions of Keras have the list in place of a config. */
export function layersOf({ config }: Json): readonly Json[] {
  return listOf(Array.isArray(config) ? config : objectOf(config).layers).map(objectOf);
}
