/** An untrusted JSON object: nothing about it is taken for granted. */
export type Json = Readonly<Record<string, unknown>>;

/** A value as an object; an empty one where it is none. */
export function objectOf(value: unknown): Json {
  return (value !== null && typeof value === 'object' ? value : {}) as Json;
}

/** A value as a list; an empty one where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a layer of a topology is itself a model. */
export function isModel({ class_name }: Json): boolean {
  return class_name === 'Sequential' || class_name === 'Functional' || class_name === 'Model';
}

/** The name of a layer of a topology. */
export function nameOf(layer: Json): unknown {
  return layer.name ?? objectOf(layer.config).name;
}

/** The layers of a model of a topology. The first versions of Keras had their list in place of a config. */
export function layersOf({ config }: Json): readonly Json[] {
  return listOf(Array.isArray(config) ? config : objectOf(config).layers).map(objectOf);
}
