import type { Group } from '../../ml/metrics/pair-sample.js';
import { quantileOf } from '../../ml/statistics.js';
import { type Area, bottomAxis, frame, leftAxis } from './axes.js';
import { linearScale, percentLabel, type Scale, shortLabel, tickLabel } from './scale.js';
import { boxes, COLOURS, figure, type Picture, SHADES, segment, shade, text } from './svg.js';

const AREA: Area = { left: 78, right: 628, top: 72, bottom: 332 };
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Errors relative to the true value, or absolute. */
type ErrorKind = 'relative' | 'absolute';

/** Computes the 5%, 25%, 50%, 75% and 95% quantiles of a group's errors; a true value of 0 has no relative error. */
export function errorQuantiles({ pairs }: Group, kind: ErrorKind): number[] {
  const isAbsolute = kind === 'absolute';
  const errors = pairs
    .filter(({ truth }) => isAbsolute || truth !== 0)
    .map(({ prediction, truth }) => (prediction - truth) / (isAbsolute ? 1 : Math.abs(truth)));
  const sorted = Float64Array.from(errors).sort();
  return SHARES.map((share) => (sorted.length === 0 ? 0 : quantileOf(sorted, share)));
}

/** Plots the distribution of errors in groups of equal size, by predicted value. */
export function errorsByPrediction(
  groups: readonly Group[],
  quantity: string,
  unit: string | undefined,
  kind: ErrorKind,
): Picture {
  const quantiles = groups.map((group) => errorQuantiles(group, kind));
  const up = linearScale(
    Math.min(0, ...quantiles.map((values) => values[0]!)),
    Math.max(0, ...quantiles.map((values) => values.at(-1)!)),
    [AREA.bottom - 8, AREA.top + 8],
  );
  const error =
    kind === 'relative' ? 'error, in % of the truth' : `error${unit ? `, ${unit}` : ''}`;
  const caption = {
    title: 'Error by prediction',
    description:
      `The error, predicted less true, of ${groups.length} groups of equally many test rows, by their ` +
      `predicted ${quantity}. Boxes hold the middle half of the rows, lines nine tenths.`,
  };
  return figure(
    664,
    396,
    caption,
    text(16, 46, 'box: middle half of the rows · line: 5% to 95% · dark: median', {
      fill: COLOURS.muted,
    }),
    boundaries(groups, quantity),
    leftAxis(up, AREA, { label: error, format: kind === 'relative' ? percentLabel : tickLabel }),
    segment(AREA.left, up.at(0), AREA.right, up.at(0), { stroke: '#8c959f', 'stroke-width': 1 }),
    ...quantiles.map((values, i) => drawGroup(values, i, groups.length, up)),
    frame(AREA),
  );
}

/** Returns the predicted values between groups. */
function boundaries(groups: readonly Group[], quantity: string): string {
  const edges = [groups[0]!.from, ...groups.map(({ to }) => to)];
  const scale = linearScale(0, groups.length, [AREA.left, AREA.right]);
  const ticks = { ...scale, ticks: [...edges.keys()] };
  const format = (i: number) => shortLabel(edges[i]!);
  return bottomAxis(ticks, AREA, {
    label: `predicted ${quantity}, equally many rows each`,
    format,
  });
}

function drawGroup(values: readonly number[], i: number, groups: number, up: Scale): string {
  const width = (AREA.right - AREA.left) / groups;
  const x = AREA.left + (i + 0.5) * width;
  const half = width * 0.28;
  const [low = 0, lower = 0, median = 0, upper = 0, high = 0] = values.map(up.at);
  const dark = { stroke: shade(SHADES - 1), 'stroke-width': 2 };
  return [
    segment(x, low, x, high, { stroke: COLOURS.mark, 'stroke-width': 1.4 }),
    boxes([[x - half, upper, 2 * half, lower - upper]], { fill: COLOURS.soft }),
    segment(x - half, median, x + half, median, dark),
  ].join('');
}
