import type { RowBlock } from '../rows.js';
import { type ImageFeature, layoutOf, type Spec } from '../spec.js';
import type { FittedEncoding, FittedStep } from './fitted.js';
import { categoryOf, stepEncoder, stepWidth, tileRows } from './steps.js';

/** An embedded category: the input is its index, for which the layer looks up a vector of `size`. */
export interface EmbeddingInput {
  feature: string;
  /** Number of categories, including the unknown one. */
  categories: number;
  size: number;
}

/** Tiles: the inputs are numbers of rows of one table, which the layers average. */
interface TileInput {
  along: string;
  inputs: number;
  rows: number;
}

/** The image that convolutions process. */
export interface PixelInput {
  feature: string;
  width: number;
  height: number;
}

/**
 * Encodes the values of an instance to the network's input in one pass. The inputs are numbers first, then one for each
 * embedded category, then tiles, then pixels for convolutions.
 */
export class Encoder {
  /** Number of inputs of an instance. */
  readonly width: number;
  /** Number of inputs for numbers. */
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

  /** Encodes an instance into `out`, starting at `base`. @param values of its features, in the spec's order */
  encode(values: Float64Array, out: Float32Array, base: number): void {
    for (const write of this.writes) write(values, out, base);
  }

  /** Encodes all rows of a block. @returns `[count * width]`, row by row */
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
