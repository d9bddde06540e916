import type { Static } from 'typebox';
import * as Type from 'typebox';
import { listOf, pageOf, pageQuery } from '../api/page.js';
import { Metrics } from '../ml/metrics/metrics.js';
import { Spec } from '../ml/spec.js';
import { CHAMPION } from './aliases.js';
import { ModelCard } from './card.js';
import type { ListedVersion } from './service.js';
import type { VersionRecord } from './version.js';

const strict = { additionalProperties: false } as const;
const name = (description: string, more: object = {}) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', ...more, description });

const VersionId = name('Id of a version.');

/** Fields of a version in answers. */
const summary = {
  id: Type.String(),
  trainedAt: Type.Optional(Type.String({ format: 'date-time' })),
  importedAt: Type.Optional(Type.String({ format: 'date-time' })),
  metrics: Type.Optional(Metrics),
};

const Summary = Type.Object({
  ...summary,
  damaged: Type.Optional(Type.String({ description: 'Reason why the rest is unknown.' })),
});
/** A version in a list. */
export type VersionSummary = Static<typeof Summary>;

const aliases = Type.Array(Type.String(), { description: 'The aliases that point to it.' });

export const VersionQuery = pageQuery('^[A-Za-z0-9_-]{1,500}$');

export const VersionList = Type.Object({
  model: Type.String(),
  ...pageOf(Type.Object({ ...Summary.properties, aliases }), 'The newest first.').properties,
});

export const VersionDescription = Type.Object({
  model: Type.String(),
  id: Type.String(),
  aliases,
  spec: Spec,
  card: ModelCard,
});

const Target = Type.Object({
  version: VersionId,
  share: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'Share of requests that the challenger answers, from 0 to 1.',
    }),
  ),
  shadow: Type.Optional(
    Type.Boolean({
      description:
        'Whether the challenger predicts for each request, and its predictions are only logged.',
    }),
  ),
});
/** The target of an alias. */
export type AliasTarget = Static<typeof Target>;
const target = Target.properties;

export const AliasList = Type.Object({
  model: Type.String(),
  ...listOf(
    Type.Object({
      alias: Type.String(),
      ...target,
      previous: Type.Optional(
        Type.String({ description: 'The version that it pointed to before its last move.' }),
      ),
    }),
  ).properties,
});

export const AliasParams = Type.Object({
  model: Type.String(),
  alias: name('Such as champion, the version that serves.'),
});
export type AliasParams = Static<typeof AliasParams>;

export const RemovedAliasParams = Type.Object({
  model: Type.String(),
  alias: name('Any but champion, which can only be moved.', { not: { const: CHAMPION } }),
});

const expected = Type.Optional(
  Type.Union([VersionId, Type.Null()], {
    description:
      'Move only if the alias points to this version, or to none if null. Unconditional by default.',
  }),
);

export const MoveRequest = Type.Object({ ...target, expected }, strict);
export type MoveRequest = Static<typeof MoveRequest>;

export const RollbackRequest = Type.Object({ expected }, strict);
export type RollbackRequest = Static<typeof RollbackRequest>;

export const MovedAlias = Type.Object({ model: Type.String(), alias: Type.String(), ...target });

const Comparison = Type.Object({
  sameData: Type.Optional(
    Type.Boolean({
      description:
        'Whether both were measured on the same rows. If not, their metrics are not comparable.',
    }),
  ),
  metrics: Type.Record(
    Type.String(),
    Type.Object({
      a: Type.Optional(Type.Number()),
      b: Type.Optional(Type.Number()),
      difference: Type.Optional(Type.Number({ description: 'b less a.' })),
    }),
  ),
  spec: Type.Array(
    Type.Object({
      path: Type.String({
        description: 'Such as hyperparameters.epochs or features.carat.maximum.',
      }),
      a: Type.Optional(Type.Unknown()),
      b: Type.Optional(Type.Unknown()),
    }),
    { description: 'Differences of the specs.' },
  ),
});
export type Comparison = Static<typeof Comparison>;

export const VersionComparison = Type.Object({
  model: Type.String(),
  a: Type.Object(summary),
  b: Type.Object(summary),
  ...Comparison.properties,
});

/** Returns a version as {@link VersionDescription} describes it. */
export const describeVersion = (
  model: string,
  { id, aliases, spec, card }: VersionRecord & Pick<ListedVersion, 'aliases'>,
) => ({ model, id, aliases, spec, card });
