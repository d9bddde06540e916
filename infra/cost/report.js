// @ts-check
// Prints bills as text and as JSON.
import { billOf, WAYS } from './bill.js';
import { breakEven } from './break-even.js';
import { amount, dollars } from './money.js';

/** @typedef {import('./bill.js').Facts} Facts */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./bill.js').Bill} Bill */
/** @typedef {import('./bill.js').Way} Way */

const ALL = /** @type {Way[]} */ (Object.keys(WAYS));
/** The ways that are compared with Lambda on demand. */
export const OTHERS = ALL.filter((way) => way !== 'on-demand');

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
export function text(facts, workload) {
  const bills = ALL.map((way) => billOf(facts, workload, way));
  const parts = [
    heading(facts, workload),
    ...bills.map(asLines),
    totals(bills),
    evens(facts, workload),
  ];
  return `${parts.join('\n\n')}\n`;
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
export function json(facts, workload) {
  const { currency, region, date } = facts.table;
  const bills = ALL.map((way) => {
    const { lines, total } = billOf(facts, workload, way);
    return {
      way,
      total,
      lines: lines.map(({ used, ...line }) => ({
        ...line,
        used: amount(used).replaceAll(',', ''),
      })),
    };
  });
  const report = {
    currency,
    region,
    prices: date,
    measured: facts.measured.date,
    workload,
    bills,
    breakEven: Object.fromEntries(
      OTHERS.map((way) => [way, breakEven(facts, workload, way) ?? null]),
    ),
  };
  return `${JSON.stringify(report, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`;
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
function heading({ table, measured }, { env, requests, rows, memory, architecture, freeTier }) {
  return [
    `A month of ${env} in ${table.region}, list prices of ${table.date} in ${table.currency}, without taxes`,
    `${number(requests)} requests of ${number(rows)} ${rows === 1 ? 'row' : 'rows'}; ${memory} MB, ${architecture}; ` +
      `durations measured on ${measured.date}${freeTier ? '' : '; nothing free'}`,
  ].join('\n');
}

/** @param {Bill} bill */
function asLines({ way, lines, total }) {
  const rows = lines.map(({ name, used, unit, cost }) => [
    `  ${name}`,
    amount(used),
    unit,
    cost === 0n ? 'free' : dollars(cost),
  ]);
  return [WAYS[way], ...aligned([...rows, ['  Total', '', '', dollars(total)]])].join('\n');
}

/** @param {Bill[]} bills */
function totals(bills) {
  return [
    'Side by side',
    ...aligned(bills.map(({ way, total }) => [`  ${WAYS[way]}`, '', '', dollars(total)])),
  ].join('\n');
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
function evens(facts, workload) {
  const rows = OTHERS.map((way) => {
    const requests = breakEven(facts, workload, way);
    return `  ${WAYS[way]}: ${requests === undefined ? 'never' : `from ${number(requests)} requests a month`}`;
  });
  return ['At most the cost of Lambda on demand', ...rows].join('\n');
}

/** @param {string[][]} rows */
function aligned(rows) {
  const width = (/** @type {number} */ i) => Math.max(...rows.map((row) => row[i]?.length ?? 0));
  const [name, used, unit, cost] = [width(0), width(1), width(2), width(3)];
  return rows.map(
    ([a = '', b = '', c = '', d = '']) =>
      `${a.padEnd(name)}  ${b.padStart(used)} ${c.padEnd(unit)}  ${d.padStart(cost)}`,
  );
}

/** @param {number} value */
export const number = (value) => value.toLocaleString('en-US');
