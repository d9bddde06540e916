import type { Roc, RocPoint } from '../../ml/metrics/roc.js';
import { type Area, bottomAxis, diagonal, frame, leftAxis } from './axes.js';
import { linearScale, percentLabel } from './scale.js';
import { COLOURS, element, figure, line, type Picture, text } from './svg.js';

const AREA: Area = { left: 78, right: 528, top: 72, bottom: 522 };
const THRESHOLDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Minimum distance between points, in pixels. */
const NEAR = 0.6;
/** Minimum distance between labels, in pixels. */
const NEAR_LABEL = 22;

/** Plots true positives against false positives, for every threshold of the probability. */
export function rocCurve(roc: Roc, label: string, others: string): Picture {
  const across = linearScale(0, 1, [AREA.left, AREA.right], 5);
  const up = linearScale(0, 1, [AREA.bottom, AREA.top], 5);
  const place = ({ falsePositives, truePositives }: RocPoint): [number, number] => [
    across.at(falsePositives),
    up.at(truePositives),
  ];
  const corner = { threshold: 1, at: place({ falsePositives: 0, truePositives: 0 }) };
  const thresholds = THRESHOLDS.map((threshold) => ({ threshold, at: place(roc.at(threshold)) }));
  const readable = apart([corner, ...thresholds.reverse()], ({ at }) => at, NEAR_LABEL).slice(1);
  const marks = readable.map(({ threshold, at: [cx, cy] }) =>
    [
      element('circle', { cx, cy, r: 3.2, fill: COLOURS.mark }),
      text(cx + 7, cy + 13, percentLabel(threshold), { 'font-size': 11, fill: COLOURS.muted }),
    ].join(''),
  );
  const curve = apart(roc.curve().map(place), (at) => at, NEAR);
  const end = place({ falsePositives: 1, truePositives: 1 });
  const caption = {
    title: `ROC curve of “${label}”`,
    description:
      `For each threshold of the probability: across, the share of the "${others}" rows above it; up, ` +
      `the share of the "${label}" rows above it.`,
  };
  return figure(
    548,
    584,
    caption,
    text(16, 46, 'number: threshold of the probability', { fill: COLOURS.muted }),
    bottomAxis(across, AREA, {
      label: `share of “${others}” above the threshold`,
      format: percentLabel,
    }),
    leftAxis(up, AREA, { label: `share of “${label}” recognised`, format: percentLabel }),
    diagonal(AREA),
    line([...curve, end], { stroke: COLOURS.mark, 'stroke-width': 2 }),
    ...marks,
    frame(AREA),
  );
}

/** Drops items that are too close to the previous one. */
function apart<Item>(
  items: readonly Item[],
  at: (item: Item) => [number, number],
  distance: number,
): Item[] {
  const kept: Item[] = [];
  for (const item of items) {
    const last = kept.at(-1);
    const far =
      last === undefined ||
      Math.hypot(at(item)[0] - at(last)[0], at(item)[1] - at(last)[1]) >= distance;
    if (far) kept.push(item);
  }
  return kept;
}
