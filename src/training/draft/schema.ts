import { type DatasetDefinition, rowSpecOf } from '../../datasets/index.js';
import type { TrainableSpec } from '../../ml/spec.js';
import { refuseOpenWords } from '../../rows/left-out.js';
import type { Bytes, CsvSource } from '../../rows/source.js';
import { chooseHyperparameters, chooseNetwork, findTarget, titleOf } from './draft.js';
import { draftDeclared, isSkewed, piecesOf } from './features.js';
import { profileDeclared } from './profile.js';
import { readingOf } from './reading.js';
import { refusal } from './wording.js';

/** Number of bytes to examine, since the caller waits; training counts the words of the target over all rows. */
const BYTES = 1 << 24;

/**
 * Infers encoding, network and hyperparameters from a dataset's rows, as {@link draftSpec} does for a file without a
 * schema.
 * @param source whose chunks are whole rows @param rows number of all rows
 * @throws LapidaryError `invalid_dataset` if the data cannot be learnt from, with the reason
 */
export async function draftFromSchema(
  name: string,
  schema: Pick<DatasetDefinition, 'features' | 'target'>,
  source: CsvSource,
  rows: number,
): Promise<{ spec: TrainableSpec; remarks: string[] }> {
  const declared = [...schema.features, { ...schema.target, kind: undefined }];
  const readings = new Map(declared.map((column) => [column.name, readingOf(column)]));
  const columns = await profileDeclared({ ...source, read: () => beginning(source) }, readings);
  const target = findTarget(columns, schema.target.name);
  const words = [...target.words].map(([word, { count }]) => [word, count] as const);
  refuseOpenWords(words, target.rows, schema.target);
  const drafts = schema.features.map((feature) =>
    draftDeclared(
      feature,
      columns.find((column) => column.name === feature.name)!,
      piecesOf(schema.features.length),
    ),
  );
  const features = drafts.flatMap(({ feature }) => feature ?? []);
  const remarks = drafts.flatMap(({ remark }, i) =>
    remark === undefined ? [] : [`${schema.features[i]!.name}: ${remark}`],
  );
  if (features.length === 0) throw refusal(`no column can be learnt from; ${remarks.join('; ')}`);
  const { task } = rowSpecOf(schema);
  const isLog = task === 'regression' && !schema.target.transform && isSkewed(target.summary);
  const spec: TrainableSpec = {
    name,
    title: titleOf(name),
    description: `Predicts ${target.name} from ${features.map((feature) => feature.name).join(', ')}.`,
    task,
    features,
    target: { ...schema.target, ...(isLog && { transform: 'log' }) },
    encoding: drafts.flatMap(({ steps }) => steps),
    network: chooseNetwork(rows),
    hyperparameters: chooseHyperparameters(rows, task),
  };
  return { spec, remarks };
}

async function* beginning(source: Bytes): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source.read()) {
    yield chunk;
    bytes += chunk.length;
    if (bytes >= BYTES) return;
  }
}
