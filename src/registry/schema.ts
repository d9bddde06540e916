import { Type } from 'typebox';
import { Metrics } from '../ml/metrics/metrics.js';
import { Feature, Target } from '../ml/spec.js';
import { ModelCard, type Version } from './version.js';

const identity = {
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  task: Type.String(),
  version: Type.String({ description: 'The version that serves: the champion.' }),
};

export const ModelSummary = Type.Object({ ...identity, metrics: Metrics });

export const ModelList = Type.Object({ models: Type.Array(ModelSummary) });

export const ModelDescription = Type.Object({
  ...identity,
  features: Type.Array(Feature),
  target: Target,
  trainingRanges: Type.Record(Type.String(), Type.Array(Type.Number()), {
    description: 'Smallest and largest value of each number feature that training saw.',
  }),
  card: ModelCard,
  examples: Type.Array(
    Type.Object({
      instance: Type.Record(Type.String(), Type.Unknown()),
      target: Type.Union([Type.Number(), Type.String()]),
    }),
    { description: 'Rows that were held out, and their truth.' },
  ),
});

const identify = ({ id, spec }: Version) => ({
  name: spec.name,
  title: spec.title,
  description: spec.description,
  task: spec.task,
  version: id,
});

/** A version as {@link ModelSummary} shows it. */
export const summarise = (version: Version) => ({
  ...identify(version),
  metrics: version.card.metrics.test,
});

/** A version as {@link ModelDescription} shows it. */
export const describe = (version: Version) => ({
  ...identify(version),
  features: version.spec.features,
  target: version.spec.target,
  trainingRanges: version.encoding.ranges,
  card: version.card,
  examples: version.examples,
});
