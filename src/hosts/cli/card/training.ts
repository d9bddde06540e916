import type { Spec } from '../../../ml/spec.js';
import type { ModelCard } from '../../../registry/version.js';
import { format } from '../output.js';
import { code, markdownTable, plain } from './markdown.js';

/** Where the data comes from and how it was parted. */
export function dataTable({ data }: ModelCard): string {
  const share = (rows: number) => `${format(rows)} (${format((100 * rows) / data.rows, 1)}%)`;
  return markdownTable([
    ['', ''],
    ['source', code(data.source)],
    ['SHA-256', code(data.checksum)],
    ['rows', format(data.rows)],
    ['training rows', share(data.trainingRows)],
    ['test rows', share(data.testRows)],
    ['split', plain(data.split)],
  ]);
}

/** What was trained, how, with what and for how long. */
export function trainingTable(spec: Spec, { training }: ModelCard): string {
  const { hyperparameters } = spec;
  const libraries = Object.entries(training.libraries).map(
    ([name, version]) => `${name} ${version}`,
  );
  return markdownTable([
    ['', ''],
    ['network', networkOf(spec)],
    ['loss', spaced(hyperparameters.loss)],
    ['batch size, learning rate', `${hyperparameters.batchSize}, ${hyperparameters.learningRate}`],
    ['seed', String(training.seed)],
    ['members', String(training.members.length)],
    ['duration', `${format(training.durationSeconds, 1)} s`],
    ['trained', training.trainedAt.slice(0, 10)],
    ['backend', training.backend],
    ['libraries', libraries.map(plain).join(', ')],
  ]);
}

/** The members, each with another validation part. */
export function memberTable({ training: { members } }: ModelCard, regression: boolean): string {
  const head = [
    'member',
    'epochs',
    'best epoch',
    regression ? 'validation error' : 'validation loss',
  ];
  const rows = members.map(({ epochs, bestEpoch, validation, calibration }, i) => [
    String(i + 1),
    String(epochs),
    String(bestEpoch),
    format(validation, validation >= 10 ? 1 : 4),
    ...(regression ? [] : [format(calibration.scale, 3), format(calibration.bias, 3)]),
  ]);
  return markdownTable(
    [[...head, ...(regression ? [] : ['logits scaled by', 'and moved by'])], ...rows],
    'numbers',
  );
}

function networkOf({ network: { convolutions = [], hidden, activation } }: Spec): string {
  const layers = [
    ...convolutions.map(({ filters, kernel, pool }) => {
      const pooled = pool === undefined ? '' : `, pooled by ${pool}`;
      return `convolution of ${filters} filters ${kernel} × ${kernel}${pooled}`;
    }),
    ...hidden.map((units) => `${units} units`),
  ];
  return layers.length === 0 ? 'no hidden layer' : `${layers.join('; ')}; ${activation}`;
}

/** `meanAbsoluteError` as people write it. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
