import { type DatasetDefinition, rowSpecOf } from '../../datasets/index.js';
import type { TrainableSpec } from '../../ml/spec.js';
import type { Bytes, DataSource } from '../../rows/source.js';
import { chooseHyperparameters, chooseNetwork, findTarget, titleOf } from './draft.js';
import { draftDeclared, isSkewed, piecesOf } from './features.js';
import { openWords } from './gaps.js';
import { type ColumnProfile, profileDeclared } from './profile.js';
import { readingOf } from './reading.js';
import { refusal } from './refusal.js';

type CsvSource = Pick<Extract<DataSource, { format: 'csv' }>, 'read' | 'dialect'>;

/** So much of the data is looked at: more would tell little more, and somebody waits. */
const BYTES = 1 << 24;

/**
 * Infers from a dataset's rows what its schema does not tell: encoding, network and hyperparameters, as
 * {@link draftSpec} does for a file that has no schema.
 * @param source whose chunks are whole rows @param rows how many rows there are in all
 * @throws LapidaryError `invalid_dataset` when the data cannot be learnt from, saying why
 */
export async function draftFromSchema(
  name: string,
  schema: Pick<DatasetDefinition, 'features' | 'target'>,
  source: CsvSource,
  rows: number,
): Promise<TrainableSpec> {
  const declared = [...schema.features, { ...schema.target, kind: undefined }];
  const readings = new Map(declared.map((column) => [column.name, readingOf(column)]));
  const columns = await profileDeclared({ ...source, read: () => beginning(source) }, readings);
  const target = findTarget(columns, schema.target.name);
  refuseOpenWords(target);
  const drafts = schema.features.map((feature) =>
    draftDeclared(
      feature,
      columns.find((column) => column.name === feature.name)!,
      piecesOf(schema.features.length),
    ),
  );
  const features = drafts.flatMap(({ feature }) => feature ?? []);
  if (features.length === 0) throw refusal('no column can be learnt from');
  const { task } = rowSpecOf(schema);
  const isLog = task === 'regression' && !schema.target.transform && isSkewed(target.summary);
  return {
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
}

/** A word that costs many rows their target is a class, or means that there is none: the schema has to say which. */
function refuseOpenWords(target: ColumnProfile): void {
  const [open] = openWords(target);
  if (open === undefined) return;
  const [word, { count }] = open;
  const shown = JSON.stringify(word);
  throw refusal(
    `${target.name}: ${shown} stands in ${count} of ${target.rows} rows: name it in "missing" of the target to leave these rows out, or in its "classes"`,
  );
}

async function* beginning(source: Bytes): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source.read()) {
    yield chunk;
    bytes += chunk.length;
    if (bytes >= BYTES) return;
  }
}
