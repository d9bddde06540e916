import fc from 'fast-check';
import { seededRandom } from '../../src/ml/random.js';
import type { RowBlock } from '../../src/ml/rows.js';
import {
  type EncodingStep,
  type Feature,
  layoutOf,
  type Spec,
  type TrainableSpec,
} from '../../src/ml/spec.js';

/** Names that something else is called too, or that no layer may have. */
const NAMES = ['weight', 'größe (m²)', 'constructor', 'a/b c', 'toString', '_'];

type Shape = { kind: Feature['kind']; size: number; gaps: boolean; image: [number, number] };
const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('number', 'category', 'datetime', 'image'),
  size: fc.integer({ min: 1, max: 20 }),
  gaps: fc.boolean(),
  image: fc.tuple(fc.integer({ min: 6, max: 9 }), fc.integer({ min: 6, max: 9 })),
});

function featureOf({ kind, size, gaps, image: [width, height] }: Shape, i: number): Feature {
  const name = NAMES[i]!;
  switch (kind) {
    case 'number':
      return gaps ? { name, kind, missing: [-999] } : { name, kind };
    case 'category': {
      const categories = Array.from({ length: size }, (_, c) => `${c}`);
      return gaps ? { name, kind, categories, unknown: true } : { name, kind, categories };
    }
    case 'datetime':
      return gaps ? { name, kind, optional: true } : { name, kind };
    case 'image':
      return { name, kind, width, height };
  }
}

/** Every step that can encode a feature. */
function stepsOf({ name: feature, kind }: Feature, size: number): EncodingStep[] {
  const harmonics = 1 + (size % 4);
  switch (kind) {
    case 'number':
      return [
        { encode: 'standard', feature, clip: size },
        { encode: 'log', powers: { [feature]: size / 7 } },
        { encode: 'piecewise', feature, knots: [-1, 0, 0.5, size] },
        { encode: 'missing', feature },
      ];
    case 'category':
      return [
        { encode: 'oneHot', feature },
        { encode: 'embedding', feature, size: 1 + (size % 5) },
        { encode: 'missing', feature },
      ];
    case 'datetime':
      return [
        { encode: 'standard', feature },
        { encode: 'piecewise', feature, knots: [0, 1e12, 2e12] },
        { encode: 'cyclic', feature, period: 'day', harmonics },
        { encode: 'cyclic', feature, period: 'week' },
        { encode: 'cyclic', feature, period: 'year', harmonics },
        { encode: 'missing', feature },
      ];
    case 'image':
      return [{ encode: 'pixels', feature }];
  }
}

/** Each fits an image of 6 by 6. */
const CONVOLUTIONS = [
  undefined,
  [],
  [{ filters: 3, kernel: 3, pool: 2 }],
  [
    { filters: 2, kernel: 2 },
    { filters: 5, kernel: 3, pool: 2 },
  ],
  [{ filters: 4, kernel: 5, pool: 2 }],
];

/** What is predicted: a number, perhaps by its logarithm, or one of 2 to 6 classes. */
const goal = fc.oneof(
  fc.constantFrom(
    { task: 'regression' as const, target: { name: 'price' } },
    { task: 'regression' as const, target: { name: 'price', transform: 'log' as const } },
  ),
  fc.integer({ min: 2, max: 6 }).map((count) => ({
    task: 'classification' as const,
    target: { name: 'sort', classes: Array.from({ length: count }, (_, c) => `sort ${c}`) },
  })),
);

/** Specs of every kind of feature, step, network and target. */
export const specs: fc.Arbitrary<TrainableSpec> = fc
  .tuple(fc.array(shape, { minLength: 1, maxLength: NAMES.length }), goal)
  .chain(([shapes, { task, target }]) => {
    const features = shapes.map(featureOf);
    const possible = features.flatMap((feature, i) => stepsOf(feature, shapes[i]!.size));
    const named = (kind: Feature['kind']) =>
      features.filter((feature) => feature.kind === kind).map(({ name }) => name);
    const product = Object.fromEntries(named('number').map((name, i) => [name, 1 - 0.75 * i]));
    for (const along of named('datetime')) {
      const by = named('category').slice(0, along.length % 3);
      possible.push({ encode: 'tiles', along, by, hours: 20_000 });
    }
    if (Object.keys(product).length > 1) possible.push({ encode: 'log', powers: product });
    return fc
      .record({
        encoding: fc
          .shuffledSubarray(possible, { minLength: 1 })
          .filter((steps) => steps.some(({ encode }) => encode !== 'tiles')),
        convolutions: fc.constantFrom(...CONVOLUTIONS),
        hidden: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
        activation: fc.constantFrom('relu', 'swish', 'tanh'),
        members: fc.integer({ min: 1, max: 3 }),
      })
      .map(({ encoding, convolutions, ...network }) => {
        const convolved = encoding.filter(({ encode }) => encode === 'pixels').length === 1;
        return {
          name: 'any-thing',
          title: 'Anything',
          description: 'Whatever there may be.',
          task,
          features,
          target,
          encoding,
          network: { ...network, ...(convolved && convolutions ? { convolutions } : {}) },
          hyperparameters: {
            epochs: 1,
            batchSize: 1,
            learningRate: 0.1,
            warmup: 0,
            beta2: 0.9,
            averaging: 0,
            validation: 0.1,
            patience: 1,
            loss: task === 'regression' ? 'meanSquaredError' : 'crossEntropy',
            seed: 1,
          },
        };
      });
  });

/** Rows that a dataset of the spec may hold. Of the first nothing is missing, and its numbers have logarithms. */
export function rowsOf(spec: Spec, count: number, seed: number): RowBlock {
  const random = seededRandom(seed);
  const { offsets, size } = layoutOf(spec);
  const block: RowBlock = {
    count,
    values: new Float64Array(count * size),
    targets: Float64Array.from({ length: count }, () =>
      spec.target.classes ? Math.floor(random() * spec.target.classes.length) : 1 + 9 * random(),
    ),
  };
  for (let row = 0; row < count; row++) {
    for (const feature of spec.features) {
      const at = row * size + offsets.get(feature.name)!;
      const known = row === 0 || random() < 0.7;
      if (feature.kind === 'image') {
        for (let i = 0; i < feature.width * feature.height; i++)
          block.values[at + i] = Math.floor(random() * 256);
      } else block.values[at] = drawValue(feature, known, row > 0, random);
    }
  }
  return block;
}

function drawValue(
  feature: Exclude<Feature, { kind: 'image' }>,
  known: boolean,
  any: boolean,
  random: () => number,
): number {
  switch (feature.kind) {
    case 'number':
      return known || !feature.missing ? 20 * random() - (any ? 5 : -0.1) : Number.NaN;
    case 'category': {
      const { length } = feature.categories;
      return known || !feature.unknown ? Math.floor(random() * length) : length;
    }
    case 'datetime':
      return known || !feature.optional ? Math.floor((4 * random() - 1) * 1e12) : Number.NaN;
  }
}
