// @ts-check
// Draws imgs/cost.svg: the cost of a month by its requests, both axes logarithmic. `npm run imgs` calls it.
import { billOf } from './bill.js';
import { breakEven } from './break-even.js';

/** @typedef {import('./bill.js').Facts} Facts */
/** @typedef {import('./bill.js').Workload} Workload */
/** @typedef {import('./bill.js').Way} Way */

const PANEL = { width: 340, height: 300, top: 76, lefts: [58, 458] };
const SIZE = { width: 980, height: 434 };
/** Powers of ten: requests from 10,000 to 1,000 million, dollars from 0.10 to 10,000. */
const X = { from: 4, to: 9 };
const Y = { from: -1, to: 4 };
const STEPS = 60;

/** @type {readonly { way: Way, color: string, label: [string, string] }[]} */
const LINES = [
  { way: 'on-demand', color: '#33478a', label: ['Lambda,', 'on demand'] },
  { way: 'provisioned', color: '#8a6bb8', label: ['Lambda,', 'provisioned concurrency'] },
  { way: 'always-on', color: '#c4661b', label: ['Servers,', 'always on'] },
  { way: 'sagemaker', color: '#2a8c82', label: ['SageMaker endpoint,', 'no keys'] },
];

/**
 * @param {Facts} facts
 * @param {Workload} workload
 */
export function drawCost(facts, workload) {
  const panels = /** @type {const} */ (['prd', 'dev']).map((env, i) =>
    panel(facts, { ...workload, env }, PANEL.lefts[i] ?? 0),
  );
  const { region, date } = facts.table;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1f2328">`,
    '<title>What a month costs</title>',
    '<desc>Dollars a month by requests a month, in prd and in dev: Lambda on demand, Lambda with provisioned concurrency, servers that are always on, and an endpoint of SageMaker. A ring marks where another way is no dearer than Lambda on demand.</desc>',
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#fff"/>`,
    '<text x="16" y="26" font-size="15" font-weight="600">What a month costs</text>',
    `<text x="16" y="46" fill="#59636e">US dollars by requests, both logarithmic · ${region}, list prices of ${date} · ring: no dearer than Lambda on demand</text>`,
    ...panels,
    legend(),
    '</svg>',
  ].join('\n')}\n`;
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 * @param {number} left
 */
function panel(facts, workload, left) {
  const lines = LINES.map(({ way, color }) => {
    const points = Array.from({ length: STEPS + 1 }, (_, i) => {
      const requests = Math.round(10 ** (X.from + ((X.to - X.from) * i) / STEPS));
      return place(left, requests, costAt(facts, workload, way, requests));
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2.2" stroke-linejoin="round"/>`;
  });
  const rings = LINES.slice(1).flatMap(({ way, color }) => {
    const requests = breakEven(facts, workload, way);
    if (requests === undefined || requests > 10 ** X.to) return [];
    const [x, y] = place(left, requests, costAt(facts, workload, way, requests)).split(',');
    return [`<circle cx="${x}" cy="${y}" r="5" fill="none" stroke="${color}" stroke-width="2"/>`];
  });
  return [`<g>`, ...axes(workload.env, left), ...lines, ...rings, '</g>'].join('\n');
}

/**
 * @param {string} name
 * @param {number} left
 */
function axes(name, left) {
  const { width, height, top } = PANEL;
  const [right, bottom] = [left + width, top + height];
  const across = powers(X).map((power) => {
    const x = acrossAt(left, power);
    const label = `<text x="${x}" y="${bottom + 18}" text-anchor="middle" fill="#59636e" font-size="11">${requestsLabel(power)}</text>`;
    return `<path d="M${x} ${top}V${bottom}" stroke="#e4e8ec"/>${label}`;
  });
  const up = powers(Y).map((power) => {
    const y = upAt(power);
    const label = `<text x="${left - 8}" y="${y + 4}" text-anchor="end" fill="#59636e" font-size="11">${dollarsLabel(power)}</text>`;
    return `<path d="M${left} ${y}H${right}" stroke="#e4e8ec"/>${label}`;
  });
  const title = `<text x="${left + 10}" y="${top + 20}" font-size="14" font-weight="600">${name}</text>`;
  const below = `<text x="${left + width / 2}" y="${bottom + 40}" text-anchor="middle" fill="#59636e">requests a month</text>`;
  return [...across, ...up, title, below];
}

function legend() {
  const left = (PANEL.lefts[1] ?? 0) + PANEL.width + 14;
  // Beside the right panel, since its lines end there.
  return LINES.map(({ color, label: [first, second] }, i) => {
    const y = PANEL.top + 20 + i * 42;
    return (
      `<path d="M${left} ${y}h18" stroke="${color}" stroke-width="3"/>` +
      `<text x="${left + 26}" y="${y + 4}">${first}</text>` +
      `<text x="${left + 26}" y="${y + 19}">${second}</text>`
    );
  }).join('\n');
}

/**
 * @param {Facts} facts
 * @param {Workload} workload
 * @param {Way} way
 * @param {number} requests
 */
function costAt(facts, workload, way, requests) {
  return Number(billOf(facts, { ...workload, requests }, way).total) / 1e6;
}

/**
 * @param {number} left
 * @param {number} requests
 * @param {number} cost
 */
function place(left, requests, cost) {
  return `${acrossAt(left, Math.log10(requests))},${upAt(Math.log10(cost))}`;
}

/**
 * @param {number} left
 * @param {number} power
 */
function acrossAt(left, power) {
  return round(left + ((power - X.from) / (X.to - X.from)) * PANEL.width);
}

/** @param {number} power */
function upAt(power) {
  return round(PANEL.top + (1 - (power - Y.from) / (Y.to - Y.from)) * PANEL.height);
}

/** @param {{ from: number, to: number }} range */
function powers({ from, to }) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** @param {number} power */
function requestsLabel(power) {
  return power >= 6 ? `${(10 ** (power - 6)).toLocaleString('en-US')} M` : `${10 ** (power - 3)} k`;
}

/** @param {number} power */
function dollarsLabel(power) {
  return power < 0 ? '$0.10' : `$${(10 ** power).toLocaleString('en-US')}`;
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;
