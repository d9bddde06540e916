import type { TrainableSpec } from '../ml/spec.js';
import type { ModelCard, TrainedCard, Version } from '../registry/index.js';
import { format } from './format.js';
import { code, codeBlock, markdownTable, plain } from './markdown.js';

/** Writes the source of the data and its split. */
export function dataSection({ data }: ModelCard): string {
  if (!data) return 'Its training data is unknown.';
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

/** Writes the network and its training; or the origin of an imported model. */
export function trainingSection({ spec, card }: Version): string {
  const { network, hyperparameters } = spec;
  if (card.training && network && hyperparameters) {
    const trainable = { ...spec, network, hyperparameters };
    const members = memberTable(card.training, spec.task === 'regression');
    return `${trainingTable(trainable, card.training)}\n\n${members}`;
  }
  const { imported } = card;
  if (!imported) return 'Its training is unknown.';
  const origin = markdownTable([
    ['', ''],
    ['files', code(imported.source)],
    ['SHA-256', code(imported.checksum)],
    ['written by', plain(imported.generatedBy)],
    ['imported', imported.importedAt.slice(0, 10)],
    ['libraries', librariesOf(imported.libraries)],
  ]);
  return `It was trained elsewhere and imported; details of its training are unknown.\n\n${origin}`;
}

/** Writes how to make the same version again. */
export function reproduction({ id, spec, card }: Version): string {
  if (!card.training)
    return `It was imported (${code('npx lapidary import --help')}); the same files and spec make the same version, ${code(id)}.`;
  const { name } = spec;
  const commands = ['train', 'score', 'cards'].map((command) => `npm run ${command} -- ${name}`);
  return [
    codeBlock('sh', ['npm ci', ...commands].join('\n')),
    `The same data, spec and libraries on the same backend make the same version, ${code(id)}, bit for bit.`,
  ].join('\n\n');
}

function trainingTable(spec: TrainableSpec, training: TrainedCard['training']): string {
  const { loss, batchSize, learningRate } = spec.hyperparameters;
  return markdownTable([
    ['', ''],
    ['network', networkOf(spec)],
    ['loss', spaced(loss)],
    ['batch size, learning rate', `${batchSize}, ${learningRate}`],
    ['seed', String(training.seed)],
    ['members', String(training.members.length)],
    ['duration', `${format(training.durationSeconds, 1)} s`],
    ['trained', training.trainedAt.slice(0, 10)],
    ['backend', training.backend],
    ['libraries', librariesOf(training.libraries)],
  ]);
}

/** Writes a table of the members, each with a different validation part. */
function memberTable({ members }: TrainedCard['training'], regression: boolean): string {
  const rows = members.map(({ epochs, bestEpoch, validation, calibration }, i) => [
    String(i + 1),
    String(epochs),
    String(bestEpoch),
    format(validation, validation >= 10 ? 1 : 4),
    ...(regression ? [] : [format(calibration.scale, 3), format(calibration.bias, 3)]),
  ]);
  const head = ['member', 'epochs', 'best epoch'];
  const more = regression
    ? ['validation error']
    : ['validation loss', 'logits scaled by', 'and moved by'];
  return markdownTable([[...head, ...more], ...rows], 'numbers');
}

function networkOf({ network: { convolutions = [], hidden, activation } }: TrainableSpec): string {
  const layers = [
    ...convolutions.map(({ filters, kernel, pool }) => {
      const pooled = pool === undefined ? '' : `, pooled by ${pool}`;
      return `convolution of ${filters} filters ${kernel} × ${kernel}${pooled}`;
    }),
    ...hidden.map((units) => `${units} units`),
  ];
  return layers.length === 0 ? 'no hidden layer' : `${layers.join('; ')}; ${activation}`;
}

function librariesOf(libraries: Readonly<Record<string, string>>): string {
  return Object.entries(libraries)
    .map(([name, version]) => plain(`${name} ${version}`))
    .join(', ');
}

/** Converts `meanAbsoluteError` to words. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
