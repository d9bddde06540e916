import type { ReliabilityBin } from '../../ml/metrics/reliability.js';
import { type Area, bottomAxis, diagonal, frame, leftAxis } from './axes.js';
import { linearScale, percentLabel, tickLabel } from './scale.js';
import {
  boxes,
  COLOURS,
  element,
  figure,
  line,
  type Picture,
  segment,
  text,
  upwards,
} from './svg.js';

const AREA: Area = { left: 78, right: 528, top: 72, bottom: 412 };
const COUNTS: Area = { left: 78, right: 528, top: 436, bottom: 516 };

/**
 * Plots the observed frequency per predicted probability, and the number of rows in each bin.
 * @param given title of the probability, such as "probability of late"
 * @param happening title of the frequency, such as "share that was late"
 */
export function calibrationCurve(
  bins: readonly ReliabilityBin[],
  given: string,
  happening: string,
): Picture {
  const across = linearScale(0, 1, [AREA.left, AREA.right], 5);
  const up = linearScale(0, 1, [AREA.bottom, AREA.top], 5);
  const filled = bins.filter(({ rows }) => rows > 0);
  const point = ({ predicted, observed }: ReliabilityBin): [number, number] => [
    across.at(predicted),
    up.at(observed),
  ];
  const whiskers = filled.map(({ predicted, interval: [low, high] }) => {
    const x = across.at(predicted);
    return segment(x, up.at(low), x, up.at(high), { stroke: COLOURS.mark, 'stroke-width': 1.4 });
  });
  const dots = filled.map((bin) => {
    const [cx, cy] = point(bin);
    return element('circle', { cx, cy, r: 3.6, fill: COLOURS.mark });
  });
  const caption = {
    title: 'Calibration',
    description:
      `The ${given} across, the ${happening} up, of the test rows in bins; below, how many rows each ` +
      `bin has. The diagonal is perfect calibration.`,
  };
  return figure(
    548,
    574,
    caption,
    text(16, 46, 'point: test rows in a bin · line: 95% confidence', { fill: COLOURS.muted }),
    bottomAxis(across, AREA, { format: () => '' }),
    leftAxis(up, AREA, { label: happening, format: percentLabel }),
    diagonal(AREA),
    line(filled.map(point), { stroke: COLOURS.soft, 'stroke-width': 1.4 }),
    ...whiskers,
    ...dots,
    frame(AREA),
    counts(bins, given),
  );
}

function counts(bins: readonly ReliabilityBin[], given: string): string {
  const across = linearScale(0, 1, [COUNTS.left, COUNTS.right], 5);
  const most = Math.max(1, ...bins.map(({ rows }) => rows));
  // A label needs room above the highest bar.
  const up = linearScale(0, most, [COUNTS.bottom, COUNTS.top + 16]);
  const gap = 2;
  const bars = bins.map(({ from, to, rows }): [number, number, number, number] => {
    const [x, y] = [across.at(from) + gap / 2, up.at(rows)];
    return [x, y, across.at(to) - across.at(from) - gap, COUNTS.bottom - y];
  });
  const small = { anchor: 'middle', 'font-size': 10, fill: COLOURS.muted } as const;
  const labels = bins.map(({ from, to, rows }) =>
    text(across.at((from + to) / 2), up.at(rows) - 4, tickLabel(rows), small),
  );
  return [
    bottomAxis(across, COUNTS, { label: given, format: percentLabel }),
    upwards(18, (COUNTS.top + COUNTS.bottom) / 2, 'rows'),
    boxes(bars, { fill: COLOURS.soft }),
    ...labels,
    frame(COUNTS),
  ].join('');
}
