import { categoryOf, stepWidth } from './encoding/steps.js';
import { classesOf, type ImageFeature, type Spec } from './spec.js';

/** Maximum number of weights of all members; the largest shipped network has 40,000. */
export const MOST_PARAMETERS = 20_000_000;

/** Counts the weights of a spec's network, of all members together; 0 without a network. */
export function parametersOf(spec: Spec): number {
  const { network, encoding, features } = spec;
  if (!network) return 0;
  const image = features.find(({ kind }) => kind === 'image') as ImageFeature | undefined;
  const { convolutions } = network;
  let parameters = 0;
  let width = 0;
  for (const step of encoding) {
    if (step.encode === 'embedding') {
      width += step.size;
      parameters += (categoryOf(spec, step.feature).categories.length + 1) * step.size;
    } else if (step.encode !== 'pixels' || !convolutions) width += stepWidth(step as never, spec);
  }
  if (convolutions && image) {
    let [channels, rows, columns] = [1, image.height, image.width];
    for (const { filters, kernel, pool = 1 } of convolutions) {
      parameters += (kernel ** 2 * channels + 1) * filters;
      channels = filters;
      rows = Math.floor((rows - kernel + 1) / pool);
      columns = Math.floor((columns - kernel + 1) / pool);
    }
    width += rows * columns * channels;
  }
  for (const units of [...network.hidden, classesOf(spec).length || 1]) {
    parameters += (width + 1) * units;
    width = units;
  }
  return parameters * network.members;
}
