import { sum } from '../../ml/statistics.js';
import type { Area } from './axes.js';
import { tickLabel } from './scale.js';
import { boxes, COLOURS, figure, type Picture, SHADES, shade, text, upwards } from './svg.js';

const SIDE = 480;
const LONGEST_NAME = 14;
/** Minimum size of a cell with a number, in pixels. */
const READABLE = 26;
/** Level from which a cell is dark. */
const DARK = 4;

/**
 * Plots the number of rows per true and predicted class.
 * @param matrix one row per true class
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  names: readonly string[],
): Picture {
  const labels = names.map((name) =>
    name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name,
  );
  const room = 46 + 7 * Math.max(...labels.map((label) => label.length));
  const area: Area = { left: room, right: room + SIDE, top: 60, bottom: 60 + SIDE };
  const size = SIDE / matrix.length;
  const cells = matrix.flatMap((row, truth) =>
    row.map((count, predicted) =>
      drawCell(count, row, area.left + predicted * size, area.top + truth * size, size),
    ),
  );
  const caption = {
    title: 'Confusion matrix',
    description:
      `Test rows by true class (lines) and predicted class (columns); darker for a larger share of ` +
      `the line.`,
  };
  const middle = (i: number) => (i + 0.5) * size;
  const turned = size < 60 && labels.some((label) => label.length > size / 8);
  const below = turned ? room : 36;
  return figure(
    area.right + 20,
    area.bottom + below + 20,
    caption,
    text(16, 46, 'number: test rows · shade: share of the true class', { fill: COLOURS.muted }),
    ...cells,
    ...labels.map((label, i) =>
      text(area.left - 8, area.top + middle(i) + 4, label, { anchor: 'end' }),
    ),
    ...labels.map((label, i) => belowLabel(label, area.left + middle(i), area.bottom + 18, turned)),
    upwards(18, area.top + SIDE / 2, 'true class'),
    text(area.left + SIDE / 2, area.bottom + below + 6, 'predicted class', { anchor: 'middle' }),
  );
}

function belowLabel(label: string, x: number, y: number, turned: boolean): string {
  if (!turned) return text(x, y, label, { anchor: 'middle' });
  return text(x + 4, y - 8, label, { anchor: 'end', transform: `rotate(-90 ${x + 4} ${y - 8})` });
}

function drawCell(
  count: number,
  row: readonly number[],
  x: number,
  y: number,
  size: number,
): string {
  const share = count / Math.max(1, sum(row));
  // The fourth root makes one mistake in a thousand distinct from one in a hundred.
  const level = Math.min(SHADES - 1, Math.floor(share ** 0.25 * SHADES));
  const fill = count === 0 ? '#f6f8fa' : shade(level);
  const cell = boxes([[x + 0.5, y + 0.5, size - 1, size - 1]], { fill });
  if (size < READABLE || count === 0) return cell;
  const number = text(x + size / 2, y + size / 2 + 4, tickLabel(count), {
    anchor: 'middle',
    'font-size': size < 40 ? 10 : 12,
    fill: level >= DARK ? '#fff' : COLOURS.text,
  });
  return cell + number;
}
