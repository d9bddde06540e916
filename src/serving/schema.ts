import * as Type from 'typebox';
import { listOf } from '../api/page.js';
import { Metrics } from '../ml/metrics/metrics.js';
import { Feature, Target } from '../ml/spec.js';
import { ModelCard } from '../registry/index.js';
import type { ServedModel } from './service.js';

const identity = {
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  task: Type.String(),
  version: Type.String({ description: 'The version that serves: the champion.' }),
  engine: Type.Union([Type.Literal('plan'), Type.Literal('tensorflow')], {
    description:
      'Engine: the compiled plan, or TensorFlow.js where the plan lacks a layer or is less exact.',
  }),
};

export const ModelSummary = Type.Object({ ...identity, metrics: Type.Optional(Metrics) });

export const ModelList = listOf(ModelSummary);

export const ModelDescription = Type.Object({
  ...identity,
  features: Type.Array(Feature),
  target: Target,
  trainingRanges: Type.Record(Type.String(), Type.Array(Type.Number()), {
    description:
      'Smallest and largest training value of each number and datetime, the latter in ms since 1970.',
  }),
  card: ModelCard,
  examples: Type.Array(
    Type.Object({
      instance: Type.Record(Type.String(), Type.Unknown()),
      target: Type.Union([Type.Number(), Type.String()]),
    }),
    { description: 'Held-out rows and their truth.' },
  ),
});

const identify = ({ version: { id, spec }, engine }: ServedModel) => ({
  name: spec.name,
  title: spec.title,
  description: spec.description,
  task: spec.task,
  version: id,
  engine,
});

/** Returns a model as {@link ModelSummary} describes it. */
export const summarise = (served: ServedModel) => {
  const { metrics } = served.version.card;
  return { ...identify(served), ...(metrics && { metrics: metrics.test }) };
};

/** Returns a model as {@link ModelDescription} describes it. */
export const describe = (served: ServedModel) => ({
  ...identify(served),
  features: served.version.spec.features,
  target: served.version.spec.target,
  trainingRanges: served.version.encoding.ranges,
  card: served.version.card,
  examples: served.version.examples,
});
