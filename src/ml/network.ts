import type * as Layers from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Encoder } from './encoding/encoder.js';
import { seededRandom } from './random.js';
import { classesOf, type TrainableSpec } from './spec.js';
import type { TensorFlow } from './tensorflow/backend.js';
import { createDropout } from './trainer/dropout.js';

/**
 * Builds the spec's network for an encoding: a tower per member, averaged if there are several.
 * @param members the spec's members to build: one for training, all for publishing
 * @param purpose `training` returns logits of classes, for a stable loss, and applies dropout
 * @returns a model from `[rows, dense]`, `[rows, 1]` for each embedded category, and `[rows, height, width, 1]` for
 *   pixels, as far as the encoding has them, to `[rows, outputs]`
 */
export function buildNetwork(
  tensorflow: TensorFlow,
  spec: TrainableSpec,
  encoder: Encoder,
  members: readonly number[],
  purpose: 'training' | 'serving' = 'serving',
): LayersModel {
  const { layers: tf } = tensorflow;
  const inputs = createInputs(tf, encoder);
  const towers = members.map((member) =>
    new Tower(tensorflow, spec, encoder, member, purpose === 'training').build(inputs),
  );
  const output =
    towers.length === 1 ? towers[0]! : apply(tf.layers.average({ name: 'members' }), towers);
  const { dense, embedded, tiled, pixels } = inputs;
  const all = [dense, ...embedded, ...tiled, pixels].filter((input) => input !== undefined);
  return tf.model({ inputs: all, outputs: output, name: safe(spec.name) });
}

interface Inputs {
  dense: SymbolicTensor | undefined;
  embedded: SymbolicTensor[];
  tiled: SymbolicTensor[];
  pixels: SymbolicTensor | undefined;
}

function createInputs(
  { input }: typeof Layers,
  { dense, embeddings, tiles, pixels }: Encoder,
): Inputs {
  return {
    dense: dense > 0 ? input({ shape: [dense], name: 'inputs' }) : undefined,
    embedded: embeddings.map(({ feature }, i) =>
      input({ shape: [1], name: `category${i}_${safe(feature)}` }),
    ),
    tiled: tiles.map(({ inputs, along }, i) =>
      input({ shape: [inputs], name: `tiles${i}_${safe(along)}` }),
    ),
    pixels:
      pixels &&
      input({ shape: [pixels.height, pixels.width, 1], name: `pixels_${safe(pixels.feature)}` }),
  };
}

/** Builds the layers of one member. Their names identify member and position, by which weights are assigned. */
class Tower {
  private readonly tf: typeof Layers;
  private seeds = 0;

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly spec: TrainableSpec,
    private readonly encoder: Encoder,
    private readonly member: number,
    private readonly training: boolean,
  ) {
    this.tf = tensorflow.layers;
  }

  build({ dense, embedded, tiled, pixels }: Inputs): SymbolicTensor {
    const parts = [
      dense,
      ...embedded.map((input, i) => this.embed(input, i)),
      pixels && this.convolve(pixels),
    ].filter((part) => part !== undefined);
    let top =
      parts.length === 1
        ? parts[0]!
        : apply(this.tf.layers.concatenate({ name: this.name('inputs') }), parts);
    this.spec.network.hidden.forEach((units, i) => {
      top = this.dense(this.drop(top, i), units, i, this.spec.network.activation);
    });
    const { length: hidden } = this.spec.network.hidden;
    const outputs = classesOf(this.spec).length;
    top = this.dense(this.drop(top, hidden), outputs || 1, hidden, 'linear');
    if (tiled.length > 0) {
      const terms = tiled.map((input, i) => this.tile(input, i));
      top = apply(this.tf.layers.add({ name: this.name('sum') }), [top, ...terms]);
    }
    return outputs === 0 || this.training
      ? top
      : apply(this.tf.layers.softmax({ name: this.name('probabilities') }), top);
  }

  private embed(input: SymbolicTensor, i: number): SymbolicTensor {
    const { categories, size } = this.encoder.embeddings[i]!;
    const embedding = this.tf.layers.embedding({
      name: this.name(`embedding${i}`),
      inputDim: categories,
      outputDim: size,
      embeddingsInitializer: this.initializer('RandomUniform', { minval: -0.05, maxval: 0.05 }),
    });
    return apply(this.tf.layers.flatten({ name: this.name(`flat${i}`) }), apply(embedding, input));
  }

  /** Looks tiles up in a table, as a term of the outputs; of two classes, for the second and against the first. */
  private tile(input: SymbolicTensor, i: number): SymbolicTensor {
    const { layers, initializers } = this.tf;
    const { rows, inputs } = this.encoder.tiles[i]!;
    const classes = classesOf(this.spec).length;
    const units = classes === 2 ? 1 : classes || 1;
    const table = layers.embedding({
      name: this.name(`tiles${i}`),
      inputDim: rows,
      outputDim: units,
      embeddingsInitializer: 'zeros',
    });
    const shape = layers.reshape({
      name: this.name(`tiles${i}_shape`),
      targetShape: [inputs, 1, units],
    });
    const mean = layers.globalAveragePooling2d({ name: this.name(`tiles${i}_mean`) });
    const term = apply(mean, apply(shape, apply(table, input)));
    if (classes !== 2) return term;
    const both = layers.dense({
      name: this.name(`tiles${i}_both`),
      units: 2,
      useBias: false,
      trainable: false,
      kernelInitializer: initializers.zeros(),
      weights: [this.tensorflow.tf.tensor2d([[-1, 1]])],
    });
    return apply(both, term);
  }

  private convolve(pixels: SymbolicTensor): SymbolicTensor {
    const { layers } = this.tf;
    let top = pixels;
    (this.spec.network.convolutions ?? []).forEach(({ filters, kernel, pool }, i) => {
      const convolution = layers.conv2d({
        name: this.name(`convolution${i}`),
        filters,
        kernelSize: kernel,
        activation: 'relu',
        kernelInitializer: this.initializer('HeNormal'),
      });
      top = apply(convolution, top);
      if (pool)
        top = apply(
          layers.maxPooling2d({ name: this.name(`pool${i}`), poolSize: pool, strides: pool }),
          top,
        );
    });
    return apply(layers.flatten({ name: this.name('pixels') }), top);
  }

  private dense(
    top: SymbolicTensor,
    units: number,
    i: number,
    activation: TrainableSpec['network']['activation'] | 'linear',
  ): SymbolicTensor {
    const layer = this.tf.layers.dense({
      name: this.name(`dense${i}`),
      units,
      activation: activation as 'relu',
      kernelInitializer: this.initializer('GlorotUniform'),
    });
    return apply(layer, top);
  }

  private drop(top: SymbolicTensor, i: number): SymbolicTensor {
    const { dropout = 0, convolutions } = this.spec.network;
    // Inputs are not dropped, since they are few, but the outputs of convolutions are.
    if (!this.training || dropout === 0 || (i === 0 && !convolutions)) return top;
    const random = seededRandom(this.nextSeed());
    return apply(createDropout(this.tensorflow, this.name(`dropout${i}`), dropout, random), top);
  }

  private name(part: string): string {
    return `member${this.member}_${part}`;
  }

  /** Returns an initializer as an object, since only this form takes a seed. */
  private initializer(className: string, config: Record<string, number> = {}): never {
    return { className, config: { ...config, seed: this.nextSeed() } } as never;
  }

  private nextSeed(): number {
    return this.spec.hyperparameters.seed * 1009 + this.member * 101 + this.seeds++;
  }
}

function apply(
  layer: Layers.layers.Layer,
  input: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(input) as SymbolicTensor;
}

/** Replaces characters of a feature's name that the name of a layer cannot have. */
function safe(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

/** Runs a model over encoded rows: `[rows * width]` to `[rows * outputs]`. */
export function runNetwork(
  { tf }: TensorFlow,
  network: LayersModel,
  encoder: Encoder,
  inputs: Float32Array,
): Float32Array {
  const output = tf.tidy(
    () => network.predictOnBatch(inputTensors(tf, encoder, inputs)) as ReturnType<typeof tf.tensor>,
  );
  const values = output.dataSync() as Float32Array;
  output.dispose();
  return values;
}

/** Converts encoded rows to the input tensors of {@link buildNetwork}'s model. */
export function inputTensors(tf: TensorFlow['tf'], encoder: Encoder, inputs: Float32Array) {
  const { width, dense, embeddings, tiles, pixels } = encoder;
  const all = tf.tensor2d(inputs, [inputs.length / width, width]);
  const size = pixels ? pixels.width * pixels.height : 0;
  const tiled = tiles.map(({ inputs: length }) => length);
  const sizes = [dense, ...embeddings.map(() => 1), ...tiled, size].filter((length) => length > 0);
  const parts = sizes.length === 1 ? [all] : tf.split(all, sizes, 1);
  if (!pixels) return parts;
  const images = tf.reshape(parts.at(-1)!, [-1, pixels.height, pixels.width, 1]);
  return [...parts.slice(0, -1), images];
}
