import type { RowBlock } from '../rows.js';
import { type ImageFeature, layoutOf, type Spec } from '../spec.js';
import type { FittedEncoding, FittedStep } from './fitted.js';
import { categoryOf, stepEncoder, stepWidth, tileRows } from './steps.js';

/** An embedded category: its input is the category's index, for which its layer has a vector of `size`. */
export interface EmbeddingInput {
  feature: string;
  /** Number of categories, including the unknown one. */
  categories: number;
  size: number;
}

/** Tiles: the inputs are row numbers of one table; the layers take the mean of these rows. */
export interface TileInput {
  along: string;
  inputs: number;
  rows: number;
}

/** An image, the input of convolutions. */
export interface PixelInput {
  feature: string;
  width: number;
  height: number;
}

/**
 * Encodes the values of an instance as the network's input in one pass. The order of inputs is: plain numbers, embedded
 * categories with one input each, tiles, pixels for convolutions.
 */
export class Encoder {
  /** Number of inputs of an instance. */
  readonly width: number;
  /** Number of plain inputs. */
  readonly dense: number;
  readonly embeddings: readonly EmbeddingInput[];
  readonly tiles: readonly TileInput[];
  readonly pixels: PixelInput | undefined;
  private readonly writes: readonly ((
    values: Float64Array,
    out: Float32Array,
    row: number,
  ) => void)[];

  constructor(
    private readonly spec: Spec,
    encoding: FittedEncoding,
  ) {
    const isPixels = (step: FittedStep) =>
      step.encode === 'pixels' && (step.ownInput ?? spec.network?.convolutions !== undefined);
    const rank = (step: FittedStep) => {
      if (isPixels(step)) return 3;
      return step.encode === 'tiles' ? 2 : Number(step.encode === 'embedding');
    };
    const steps = encoding.steps.toSorted((a, b) => rank(a) - rank(b));
    const { offsets } = layoutOf(spec);
    let at = 0;
    this.writes = steps.map((step) => {
      const encode = stepEncoder(step, spec, offsets);
      const offset = at;
      at += stepWidth(step, spec);
      return (values, out, base) => encode(values, out, base + offset);
    });
    this.width = at;
    this.embeddings = steps.flatMap((step) =>
      step.encode === 'embedding' ? [embeddingInput(spec, step.feature, step.size)] : [],
    );
    this.tiles = steps.flatMap((step) =>
      step.encode === 'tiles'
        ? [{ along: step.along, inputs: stepWidth(step, spec), rows: tileRows(step, spec) }]
        : [],
    );
    this.pixels = steps.filter(isPixels).map((step) => pixelInput(spec, step))[0];
    const { width = 0, height = 0 } = this.pixels ?? {};
    const tiled = this.tiles.reduce((sum, { inputs }) => sum + inputs, 0);
    this.dense = at - this.embeddings.length - tiled - width * height;
  }

  /** Encodes one instance, given as its features' values in the spec's order, to `out` from `base` on. */
  encode(values: Float64Array, out: Float32Array, base: number): void {
    for (const write of this.writes) write(values, out, base);
  }

  /** Encodes all rows of a block: `[count * width]`, row by row. */
  encodeRows({ count, values }: Pick<RowBlock, 'count' | 'values'>): Float32Array {
    const { size } = layoutOf(this.spec);
    const out = new Float32Array(count * this.width);
    for (let row = 0; row < count; row++)
      this.encode(values.subarray(row * size, (row + 1) * size), out, row * this.width);
    return out;
  }
}

function embeddingInput(spec: Spec, feature: string, size: number): EmbeddingInput {
  const { categories, unknown } = categoryOf(spec, feature);
  return { feature, categories: categories.length + Number(unknown ?? false), size };
}

function pixelInput(spec: Spec, step: FittedStep): PixelInput {
  const { feature } = step as Extract<FittedStep, { encode: 'pixels' }>;
  const { width, height } = spec.features.find(({ name }) => name === feature) as ImageFeature;
  return { feature, width, height };
}
