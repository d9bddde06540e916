import type { Static } from 'typebox';
import * as Type from 'typebox';
import { listOf, pageOf, pageQuery } from '../api/page.js';
import { PlanTerms } from './plans.js';
import { SCOPES } from './port.js';

const strict = { additionalProperties: false };
const Moment = Type.String({ format: 'date-time' });
const Expiry = Type.String({
  description:
    'ISO 8601, in the future, such as 2030-01-31T10:00:00Z. A date alone means midnight UTC.',
});
const Id = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'Lower-case letters, digits and hyphens.',
});
const Name = Type.String({ minLength: 1, maxLength: 200 });
const Scopes = Type.Array(Type.Union(SCOPES.map((scope) => Type.Literal(scope))), {
  minItems: 1,
  uniqueItems: true,
  description: 'Permissions of the key. No scope includes another.',
});

/** Pattern of cursors that are ids of clients or keys. */
const ID = '^[A-Za-z0-9-]{1,64}$';

export const ClientQuery = pageQuery(ID);
export const KeyQuery = Type.Object(
  { client: Type.Optional(Type.String()), ...pageQuery(ID).properties },
  strict,
);
export type KeyQuery = Static<typeof KeyQuery>;

export const Client = Type.Object({
  id: Id,
  name: Name,
  plan: Type.String({ description: 'Name of a plan.' }),
});
export type Client = Static<typeof Client>;
export const ClientList = pageOf(Client);
export const ClientRequest = Type.Object(
  {
    id: Id,
    name: Type.Optional(Name),
    plan: Type.Optional(Type.String({ description: 'free by default.' })),
  },
  strict,
);
export type ClientRequest = Static<typeof ClientRequest>;
export const ClientChange = Type.Object(
  { name: Type.Optional(Name), plan: Type.Optional(Type.String()) },
  { ...strict, minProperties: 1 },
);
export type ClientChange = Static<typeof ClientChange>;

export const Key = Type.Object({
  id: Type.String(),
  prefix: Type.String({ description: 'The beginning of the key, to identify it.' }),
  client: Type.String(),
  scopes: Scopes,
  createdAt: Moment,
  // No `format`: a year may have more than four digits.
  expiresAt: Type.Optional(Type.String({ description: 'ISO 8601, UTC.' })),
  revokedAt: Type.Optional(Moment),
  lastUsedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Accurate to a minute.' }),
  ),
});
export type Key = Static<typeof Key>;
export const IssuedKey = Type.Object({
  ...Key.properties,
  key: Type.String({ description: 'The API key. It is returned only once.' }),
});
export const KeyList = pageOf(Key);
export const KeyRequest = Type.Object(
  { client: Type.String(), scopes: Scopes, expiresAt: Type.Optional(Expiry) },
  strict,
);
export type KeyRequest = Static<typeof KeyRequest>;

/** Seconds that the old key of a rotation stays valid by default. */
export const GRACE_S = 86_400;
export const RotateRequest = Type.Object(
  {
    graceSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 31_536_000,
        description: `Seconds that the old key stays valid; ${GRACE_S} by default.`,
      }),
    ),
  },
  strict,
);
export type RotateRequest = Static<typeof RotateRequest>;

export const Plan = Type.Object({ name: Type.String(), ...PlanTerms.properties });
export const PlanParams = Type.Object({ plan: Id });
export const PlanList = listOf(Plan);

const Count = Type.Integer({ minimum: 0 });
const amounts = {
  requests: Count,
  predictions: Count,
  storedBytes: Count,
  trainingSeconds: Count,
};
const Micros = Type.String({ description: 'Millionths of the currency, a whole number.' });
const Left = (description: string) => Type.Union([Count, Type.Null()], { description });

const ClientUsage = Type.Object({
  client: Type.String(),
  plan: Type.String({ description: 'Current plan, which determines the cost.' }),
  totals: Type.Object(amounts),
  predictionsLeft: Left('null: unlimited.'),
  trainingSecondsLeft: Left('null: unlimited.'),
  cost: Type.Object({
    currency: Type.String(),
    predictions: Micros,
    training: Micros,
    total: Micros,
  }),
  days: Type.Array(Type.Object({ model: Type.String(), day: Type.String(), ...amounts })),
});
/** The usage of a client in a month, with remaining quotas and cost by its current plan. */
export type ClientUsage = Static<typeof ClientUsage>;

const Usage = Type.Object({
  month: Type.String({ description: 'UTC.' }),
  items: Type.Array(ClientUsage),
});
/** The usage, by client: as JSON, or its days as CSV. */
export const UsageReport = {
  description: 'The usage, by client.',
  content: {
    'application/json': { schema: Usage },
    'text/csv': { schema: { type: 'string' } },
  },
};
export const UsageQuery = Type.Object(
  {
    month: Type.Optional(
      Type.String({
        pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$',
        description: 'Month as 2026-01, UTC; the current month by default.',
      }),
    ),
    client: Type.Optional(Type.String()),
  },
  strict,
);
export type UsageQuery = Static<typeof UsageQuery>;
