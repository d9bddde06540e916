import type { DatasetDefinition } from '../../src/datasets/definition.js';
import { seededRandom } from '../../src/ml/random.js';

/** The weight of a box, by its side and material. */
export const BOXES: DatasetDefinition = {
  features: [
    { name: 'side', kind: 'number', minimum: 0 },
    { name: 'material', kind: 'category', categories: ['cork', 'oak'] },
  ],
  target: { name: 'weight' },
};

/** Returns a number of boxes, which depend on the seed. */
export function boxesCsv(rows: number, seed = 1, scale = 1): string {
  const random = seededRandom(seed);
  const lines = Array.from({ length: rows }, () => {
    const side = 1 + 3 * random();
    const material = random() < 0.4 ? 'oak' : 'cork';
    const weight = scale * side ** 2 * (material === 'oak' ? 0.7 : 0.2) * (1 + 0.05 * random());
    return `${side.toFixed(3)},${material},${weight.toFixed(4)}`;
  });
  return ['side,material,weight', ...lines, ''].join('\n');
}
