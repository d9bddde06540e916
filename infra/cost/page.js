// @ts-check
// Generates the tables of docs/cost.md; a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { billOf, WAYS } from './bill.js';
import { breakEven } from './break-even.js';
import { amount, dollars } from './money.js';
import { number, OTHERS } from './report.js';

/** @typedef {import('./bill.js').Facts} Facts */
/** @typedef {import('./bill.js').Workload} Workload */

export const PAGE = new URL('../../docs/cost.md', import.meta.url);
export const REQUESTS = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
const WAYS_IN_ORDER = /** @type {import('./bill.js').Way[]} */ (Object.keys(WAYS));

/** @type {Record<string, (facts: Facts, workload: Workload) => string>} */
const SECTIONS = {
  totals: (facts, workload) =>
    environments(workload)
      .map((each) => totals(facts, each))
      .join('\n\n'),
  bill: (facts, workload) => bill(facts, { ...workload, env: 'prd', requests: 1_000_000 }),
  'break-even': evens,
  prices,
  measured,
  assumptions,
};

/**
 * @param {Facts} facts
 * @param {Workload} workload of the command's defaults
 */
export function writePage(facts, workload) {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), facts, workload));
}

/**
 * Returns the page with the text between its marks replaced.
 * @param {string} page
 * @param {Facts} facts
 * @param {Workload} workload
 */
export function pageWith(page, facts, workload) {
  return Object.entries(SECTIONS).reduce((text, [name, section]) => {
    const [begin, end] = [`<!-- cost: ${name} -->`, `<!-- /cost: ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/cost.md lacks ${begin} or ${end}`);
    return `${text.slice(0, from)}${begin}\n\n${section(facts, workload)}\n\n${text.slice(to)}`;
  }, page);
}

/**
 * @param {Workload} workload
 * @returns {Workload[]}
 */
const environments = (workload) => [
  { ...workload, env: 'prd' },
  { ...workload, env: 'dev' },
];

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
function totals(facts, workload) {
  const rows = REQUESTS.map((requests) => [
    number(requests),
    ...WAYS_IN_ORDER.map((way) => dollars(billOf(facts, { ...workload, requests }, way).total)),
  ]);
  return table(
    [`${workload.env}: requests a month`, ...WAYS_IN_ORDER.map((way) => WAYS[way])],
    rows,
  );
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
function bill(facts, workload) {
  const { lines, total } = billOf(facts, workload, 'on-demand');
  const rows = lines.map(({ name, used, unit, cost }) => [
    name,
    amount(used),
    unit,
    cost === 0n ? 'free' : dollars(cost),
  ]);
  return table(
    ['line', 'used', 'unit', 'cost'],
    [...rows, ['**Total**', '', '', `**${dollars(total)}**`]],
  );
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
function evens(facts, workload) {
  const rows = environments(workload).flatMap((each) =>
    [true, false].map((freeTier) => [
      `${each.env}${freeTier ? '' : ', nothing free'}`,
      ...OTHERS.map((way) => {
        const requests = breakEven(facts, { ...each, freeTier }, way);
        return requests === undefined ? 'never' : number(requests);
      }),
    ]),
  );
  return table(['from … requests a month', ...OTHERS.map((way) => WAYS[way])], rows);
}

/** @param {Facts} facts */
function prices({ table: { prices: all, region, date, currency } }) {
  const rows = Object.values(all).map(
    ({ what, unit, per, tiers, free, source, seen, unseen, hint }) => [
      what,
      tiers
        .map(
          ({ upTo, price }) => `${exact(price)}${upTo === undefined ? '' : ` to ${number(upTo)}`}`,
        )
        .join(', '),
      `${per === 1 ? '' : `${number(per)} × `}${unit}`,
      free === 0 ? '' : number(free),
      `[AWS](${source})`,
      (seen === null ? 'from memory' : `[here](${seen})`) +
        (unseen === undefined ? '' : `; from memory: ${unseen}`) +
        (hint === undefined ? '' : `; ${hint}`),
    ],
  );
  const head = ['what', `price (${currency})`, 'of', 'free a month', 'published', 'read'];
  return `${region}, list prices of ${date}:\n\n${table(head, rows)}`;
}

/** @param {Facts} facts */
function measured({ measured: { date, machine, model, api, authorizer, training } }) {
  const ms = (/** @type {number[]} */ microseconds) =>
    `${(microseconds.reduce((a, b) => a + b, 0) / microseconds.length / 1000).toFixed(2)} ms`;
  const { processor, cores, memoryGb, system, node, runtimeClient } = machine;
  const rows = [
    ['API function, one row', ms(api.oneRow.microseconds), `${api.peakMegabytes} MB`],
    ['API function, a hundred rows', ms(api.hundredRows.microseconds), `${api.peakMegabytes} MB`],
    ['API function, start and first answer', `${api.coldMilliseconds} ms`, ''],
    ['authorizer', ms(authorizer.microseconds), `${authorizer.peakMegabytes} MB`],
    [`training of ${model}`, `${training.seconds} s`, `${training.peakMegabytes} MB`],
  ];
  return (
    `${date}, model ${model}: ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, ${runtimeClient}:\n\n` +
    table(['what', 'mean duration', 'most memory'], rows)
  );
}

/** @param {Facts} facts */
function assumptions({ assumptions: all }) {
  const rows = Object.entries(all).map(([name, { value, unit, why }]) => [
    `\`${name}\``,
    `${number(value)} ${unit}`,
    why,
  ]);
  return table(['assumption', 'value', 'meaning'], rows);
}

/** Formats millionths exactly, without trailing zeros. @param {string} micros */
function exact(micros) {
  const [whole, rest] = [
    micros.slice(0, -6) || '0',
    micros.padStart(6, '0').slice(-6).replace(/0+$/, ''),
  ];
  return rest === '' ? whole : `${whole}.${rest}`;
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
