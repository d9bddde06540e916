import { describe, expect, it } from '@jest/globals';
import { billOf, type Facts, type Way, type Workload } from '../../infra/cost/bill.js';
import { breakEven } from '../../infra/cost/break-even.js';
import { readFacts } from '../../infra/cost/facts.js';
import { billedMs, callsOf } from '../../infra/cost/measured.js';
import { amount, costOf, dollars, type Price, quantity, sum } from '../../infra/cost/money.js';

const shipped = readFacts();

/** Round figures, so that a bill can be worked out by hand: 10 ms an answer, 2 ms a decision, whole processors. */
const facts: Facts = {
  table: shipped.table,
  measured: {
    ...shipped.measured,
    api: {
      coldMilliseconds: 500,
      oneRow: calls(10_000, 100, 324),
      hundredRows: calls(109_000, 10_000, 20_124),
      peakMegabytes: 100,
    },
    authorizer: { microseconds: twenty(2_000), peakMegabytes: 60 },
    training: { seconds: 50, peakMegabytes: 300 },
  },
  assumptions: assumed({
    authorizerMemory: 2048,
    keys: 10_000,
    dynamoReadMs: 0,
    dynamoWriteMs: 0,
    lookMs: 0,
    platformLogBytes: 200,
    accessLogBytes: 300,
    logEventBytes: 0,
    headerBytes: 700,
    trainerTurns: 0,
  }),
};
const prd: Workload = {
  env: 'prd',
  requests: 10_000_000,
  rows: 1,
  memory: 2048,
  architecture: 'x86_64',
  coldPerThousand: 0,
  provisioned: 1,
  trainings: 0,
  storageGb: 0,
  freeTier: true,
};
const dev: Workload = { ...prd, env: 'dev' };
const ways: Way[] = ['on-demand', 'provisioned', 'always-on', 'sagemaker'];
const others = ways.filter((way) => way !== 'on-demand');

describe('money', () => {
  const price = (free: number, ...tiers: Price['tiers']): Price => ({
    what: 'bolts',
    unit: 'bolt',
    per: 1000,
    tiers,
    free,
    source: '',
    seen: null,
  });
  const bolts = price(10, { upTo: 1_000, price: '2000' }, { price: '1000' });

  it.each([
    [10, true, 0n],
    [11, true, 2n],
    // Halves go up, less goes down.
    [10.25, true, 1n],
    [10.125, true, 0n],
    [10, false, 20n],
    [1_010, true, 2_000n],
    [1_012, true, 2_002n],
    [3_000, false, 4_000n],
  ])('%d bolts, with what is free: %s, cost %s', (count, free, cost) => {
    expect(costOf(quantity(count * 8, 8), bolts, { free })).toBe(cost);
  });

  it('is exact where floating point is not', () => {
    const third = quantity(1, 3);
    expect(costOf(sum(third, third, third), price(0, { price: '1000' }), { free: true })).toBe(1n);
    expect(costOf(quantity(10n ** 20n), price(0, { price: '1' }), { free: true })).toBe(10n ** 17n);
  });

  it.each([
    [0n, '$0.00'],
    [4_999n, '< $0.01'],
    [1_005_000n, '$1.01'],
    [1_234_567_890_000n, '$1,234,567.89'],
  ])('%s millionths read %s', (micros, read) => expect(dollars(micros)).toBe(read));

  it.each([
    [quantity(1_234_567), '1,234,567'],
    [quantity(1, 8), '0.125'],
    [quantity(1, 10_000), '< 0.001'],
  ])('a quantity reads well', (used, read) => expect(amount(used)).toBe(read));
});

describe('a bill by hand', () => {
  it('of prd, on demand', () => {
    const lines = costs(billOf(facts, prd, 'on-demand'));
    expect(lines).toMatchObject({
      // 10 million at $1 a million.
      'API Gateway': 10_000_000n,
      // The first million is free: 9 million at $0.20.
      'API function: requests': 1_800_000n,
      // 10 million of 10 ms with 2 GB are 200,000 GB-s: free.
      'API function: duration': 0n,
      // All 10 million at $0.20: the free ones are used up.
      'Authorizer: requests': 2_000_000n,
      // 10 million of 2 ms with 2 GB are 40,000 GB-s, and with the above less than 400,000: free.
      'Authorizer: duration': 0n,
      // 20 million units at $0.125 a million.
      'Keys: reads': 2_500_000n,
      'Clients and quotas: reads': 2_500_000n,
      // 10 million that count twice, at $0.625 a million.
      'Usage: writes': 12_500_000n,
      // An instance looks every 30 s of 730 h, 87,600 times: 175,200 lists at $5 a million, 87,600 reads at $0.40.
      'Registry: lists': 876_000n,
      'Registry: reads': 35_040n,
    });
  });

  it('of prd, beyond what is free', () => {
    const lines = costs(billOf(facts, { ...prd, requests: 50_000_000 }, 'on-demand'));
    expect(lines).toMatchObject({
      // 1,000,000 GB-s, of which 400,000 are free: 600,000 at $16.6667 a million.
      'API function: duration': 10_000_020n,
      // 200,000 GB-s at the same price.
      'Authorizer: duration': 3_333_340n,
    });
    const paid = costs(billOf(facts, { ...prd, freeTier: false }, 'on-demand'));
    expect(paid).toMatchObject({
      'API function: requests': 2_000_000n,
      'API function: duration': 3_333_340n,
    });
  });

  it('of few keys, which are remembered', () => {
    const few = {
      ...facts,
      assumptions: { ...facts.assumptions, keys: { value: 2, unit: '', why: '' } },
    };
    expect(costs(billOf(few, prd, 'on-demand'))).toMatchObject({
      // API Gateway asks for each of two keys every minute of 730 h, 87,600 times, at $0.20 a million.
      'Authorizer: requests': 17_520n,
      // The function, of which there is one, asks every 5 s: 1,051,200 times 2 reads at $0.125 a million.
      'Clients and quotas: reads': 262_800n,
    });
  });

  it('of clients, each of which has what it owns looked for', () => {
    const listed = (way: Way, workload: Partial<Workload>) =>
      costs(billOf(facts, { ...prd, ...workload }, way))['Clients: lists'];
    // 87,600 looks at most, as many requests: every second of them looks. 2 lists each, at $5 a million.
    expect(listed('on-demand', { clients: 1, requests: 87_600 })).toBe(438_000n);
    expect(listed('on-demand', { clients: 10, requests: 876_000 })).toBe(4_380_000n);
    // Two tasks know each client, each by itself.
    expect(listed('always-on', { clients: 5, requests: 876_000 })).toBe(4_380_000n);
    expect(listed('on-demand', { clients: 1, requests: 0 })).toBeUndefined();
    const timer = costs(billOf(facts, { ...prd, clients: 5 }, 'always-on'));
    expect(timer['Clients: lists by the timer']).toBe(4_380_000n);
  });

  it('of arm64, which is cheaper', () => {
    const arm: Workload = { ...prd, architecture: 'arm64', freeTier: false };
    // 200,000 GB-s at $13.3334 a million.
    expect(costs(billOf(facts, arm, 'on-demand'))['API function: duration']).toBe(2_666_680n);
  });

  it('of dev, which has no gateway, no authorizer and no keys', () => {
    const { lines } = billOf(facts, dev, 'on-demand');
    expect(lines.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Gateway|Authorizer|Keys|Usage|Clients/)]),
    );
  });

  it('of provisioned concurrency', () => {
    const lines = costs(billOf(facts, dev, 'provisioned'));
    expect(lines).toMatchObject({
      // Nothing is free: 10 million at $0.20.
      'API function: requests': 2_000_000n,
      // 2 GB for 2,628,000 s at $4.1667 a million.
      'API function: kept ready': 21_900_175n,
      // 200,000 GB-s at $9.7222 a million.
      'API function: duration': 1_944_440n,
    });
    expect(lines).not.toHaveProperty('API function: beyond what is ready');
  });

  it('of provisioned concurrency that does not suffice', () => {
    const lines = costs(billOf(facts, { ...dev, requests: 362_800_000 }, 'provisioned'));
    expect(lines).toMatchObject({
      // All of the 2,628,000 s of an instance, 5,256,000 GB-s, at $9.7222 a million.
      'API function: duration': 51_099_883n,
      // 362.8 million of 10 ms are 3,628,000 s: 1,000,000 s of 2 GB start on demand, at $16.6667.
      'API function: beyond what is ready': 33_333_400n,
    });
  });

  it('of servers', () => {
    expect(costs(billOf(facts, prd, 'always-on'))).toMatchObject({
      // 2 tasks of a processor and 2 GB for 730 h, at $0.04048 and $0.004445.
      'Tasks: processors': 59_100_800n,
      'Tasks: memory': 12_979_400n,
      'Load balancer': 16_425_000n,
      // 2 tasks and 2 zones for 730 h at $0.005.
      'Public addresses': 14_600_000n,
    });
    expect(costs(billOf(facts, dev, 'always-on'))).toMatchObject({
      'Tasks: processors': 14_775_200n,
      'Tasks: memory': 3_244_850n,
      'Public addresses': 3_650_000n,
    });
    // An average of 1,000 a second and ten times that at the peak take 5 tasks.
    const busy = costs(billOf(facts, { ...prd, requests: 2_628_000_000 }, 'always-on'));
    expect(busy['Tasks: processors']).toBe((59_100_800n / 2n) * 5n);
  });

  it('of logs and answers', () => {
    const lines = costs(billOf(facts, { ...prd, requests: 2 ** 30 / 1024 }, 'on-demand'));
    // 324 bytes and 700 of headers: a GB, of the 100 that are free.
    expect(lines['Answers sent']).toBe(0n);
    const more = costs(billOf(facts, { ...prd, requests: (2 ** 30 / 1024) * 101 }, 'on-demand'));
    expect(more['Answers sent']).toBe(90_000n);
  });

  it('of trainings', () => {
    const lines = costs(
      billOf(facts, { ...dev, requests: 0, trainings: 100, freeTier: false }, 'on-demand'),
    );
    // Measured with 3,538 MB, it takes 50 s * 3538 / 3008 with 3,008 MB, begun seconds whole, and 10 s beside.
    const gbSeconds = (100 * (59 + 10) * 3008) / 1024;
    expect(lines['Trainer: duration']).toBe(BigInt(Math.round(gbSeconds * 16.6667)));
  });

  it('adds up to its total', () => {
    for (const way of ways) {
      const { lines, total } = billOf(shipped, prd, way);
      expect(lines.reduce((all, { cost }) => all + cost, 0n)).toBe(total);
    }
  });
});

describe('what is free', () => {
  it('ends with the millionth request', () => {
    const cost = (requests: number) =>
      costs(billOf(facts, { ...dev, requests }, 'on-demand'))['API function: requests'];
    expect(cost(1_000_000)).toBe(0n);
    // $0.0000002 is no whole millionth yet; five requests are one.
    expect(cost(1_000_002)).toBe(0n);
    expect(cost(1_000_005)).toBe(1n);
  });

  it('is there once for all functions', () => {
    const { lines } = billOf(facts, { ...prd, requests: 600_000 }, 'on-demand');
    const requests = lines.filter(({ price }) => price === 'lambda.requests');
    expect(requests.map(({ cost }) => cost)).toEqual([0n, 40_000n]);
  });
});

describe('durations', () => {
  it('are billed by whole milliseconds, each for itself', () => {
    expect(billedMs([1, 1_000, 1_001], { memory: 1769, whole: 1769 })).toBe(4);
    expect(billedMs([1_000], { memory: 1769, whole: 1769 }, 5)).toBe(6);
  });

  it('grow with less than a processor, and do not shrink with more', () => {
    expect(billedMs([10_000], { memory: 512, whole: 1024 })).toBe(20);
    expect(billedMs([10_000], { memory: 4096, whole: 1024 })).toBe(10);
  });

  it('grow with the rows, in proportion between one and a hundred', () => {
    expect(callsOf(facts.measured, 1).microseconds).toEqual(twenty(10_000));
    expect(callsOf(facts.measured, 34).microseconds).toEqual(twenty(43_000));
    expect(callsOf(facts.measured, 100)).toEqual(facts.measured.api.hundredRows);
  });
});

describe.each(ways)('%s: a bill', (way) => {
  const total = (workload: Partial<Workload>) =>
    billOf(shipped, { ...prd, ...workload }, way).total;

  it.each<[keyof Workload, number[]]>([
    ['requests', [0, 1, 1_000, 1_000_000, 1_000_001, 50_000_000, 400_000_000, 7_000_000_000]],
    ['rows', [1, 2, 100, 1_000, 10_000]],
    ['clients', [1, 10, 1_000]],
    ['trainings', [0, 1, 1_000]],
    ['storageGb', [0, 0.1, 1, 1_000, 100_000]],
    ['coldPerThousand', [0, 1, 1_000]],
  ])('never shrinks with more %s', (name, values) => {
    const totals = values.map((value) => total({ [name]: value }));
    expect(totals).toEqual(totals.toSorted((a, b) => (a < b ? -1 : Number(a > b))));
  });

  it('is not less without what is free', () => {
    expect(total({ freeTier: false }) > total({ freeTier: true })).toBe(true);
  });
});

describe.each(['dev', 'prd'] as const)('in %s', (env) => {
  it.each(others)('%s breaks even where both bills are equal', (way) => {
    const workload: Workload = { ...prd, env, memory: 1024, coldPerThousand: 10 };
    const requests = breakEven(shipped, workload, way)!;
    const dearer = (at: number) =>
      billOf(shipped, { ...workload, requests: at }, way).total -
      billOf(shipped, { ...workload, requests: at }, 'on-demand').total;
    expect(dearer(requests) <= 0n).toBe(true);
    expect(dearer(requests - 1) > 0n).toBe(true);
    // Within what a single request costs: some millionths.
    expect(dearer(requests) > -10n && dearer(requests - 1) < 10n).toBe(true);
    for (const factor of [0.001, 0.1, 0.9])
      expect(dearer(Math.floor(requests * factor)) > 0n).toBe(true);
    for (const factor of [1.1, 10, 100])
      expect(dearer(Math.ceil(requests * factor)) < 0n).toBe(true);
  });

  it('many instances kept ready never pay where few requests come', () => {
    const workload: Workload = { ...prd, env, provisioned: 10_000 };
    expect(breakEven(shipped, workload, 'provisioned')).toBeUndefined();
  });
});

describe('the price table', () => {
  it.each(Object.entries(shipped.table.prices))('%s is whole and has its source', (_key, price) => {
    expect(price.source).toMatch(/^https:\/\/aws\.amazon\.com\/.*pricing/);
    expect(price.seen ?? 'https://').toMatch(/^https:\/\//);
    expect(price.tiers.at(-1)).not.toHaveProperty('upTo');
    for (const { price: each } of price.tiers) expect(each).toMatch(/^[1-9][0-9]*$/);
    const ends = price.tiers.flatMap(({ upTo }) => upTo ?? []);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  });

  it('is dated', () => {
    const { date, currency } = shipped.table;
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(currency).toBe('USD');
  });
});

function costs({ lines }: ReturnType<typeof billOf>): Record<string, bigint> {
  return Object.fromEntries(lines.map(({ name, cost }) => [name, cost]));
}

function twenty(microseconds: number): number[] {
  return Array.from({ length: 20 }, () => microseconds);
}

function calls(microseconds: number, requestBytes: number, responseBytes: number) {
  return { microseconds: twenty(microseconds), requestBytes, responseBytes, logBytes: 100 };
}

function assumed(others: Record<string, number>): Facts['assumptions'] {
  const entries = Object.entries(shipped.assumptions).map(([name, assumption]) => [
    name,
    { ...assumption, value: others[name] ?? assumption.value },
  ]);
  return Object.fromEntries(entries);
}
