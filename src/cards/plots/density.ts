import type { Pair } from '../../ml/metrics/pair-sample.js';
import { type Area, bottomAxis, diagonal, frame, leftAxis } from './axes.js';
import { linearScale, logScale, type Scale, type Span, tickLabel } from './scale.js';
import { boxes, COLOURS, figure, type Picture, SHADES, shade, text } from './svg.js';

const SIDE = 50;
const AREA: Area = { left: 78, right: 528, top: 48, bottom: 498 };

/** Counts the pairs in each cell of a square of both scales: `[row of predictions * side + column of truths]`. */
export function countCells(
  pairs: readonly Pair[],
  place: (value: number) => number,
  side: number,
): Uint32Array {
  const cells = new Uint32Array(side * side);
  const cell = (value: number) => Math.max(0, Math.min(side - 1, Math.floor(place(value) * side)));
  for (const { prediction, truth } of pairs) cells[cell(prediction) * side + cell(truth)]!++;
  return cells;
}

/** Plots predicted against true values, as a map of the number of rows. @param logarithmic whether scales are logarithmic */
export function predictedAgainstTrue(
  pairs: readonly Pair[],
  quantity: string,
  logarithmic: boolean,
): Picture {
  const scale = squareScale(pairs, logarithmic);
  const across = scale([AREA.left, AREA.right]);
  const up = scale([AREA.bottom, AREA.top]);
  const cells = countCells(pairs, scale([0, 1]).at, SIDE);
  const most = cells.reduce((a, b) => Math.max(a, b), 1);
  const caption = {
    title: 'Predicted against true',
    description:
      `A map of the test rows: the true ${quantity} across, the predicted one up, darker where there ` +
      `are more rows. On the diagonal the prediction is right.`,
  };
  return figure(
    560,
    594,
    caption,
    bottomAxis(across, AREA, { label: `true ${quantity}` }),
    leftAxis(up, AREA, { label: `predicted ${quantity}` }),
    ...drawCells(cells, most),
    diagonal(AREA),
    frame(AREA),
    legend(most),
  );
}

/** Creates a scale that covers true and predicted values. */
function squareScale(pairs: readonly Pair[], logarithmic: boolean): (span: Span) => Scale {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { prediction, truth } of pairs) {
    from = Math.min(from, prediction, truth);
    to = Math.max(to, prediction, truth);
  }
  return (span) => (logarithmic && from > 0 ? logScale : linearScale)(from, to, span);
}

/** Returns the level of a count, on a logarithmic scale from one row to the maximum. */
function levelOf(count: number, most: number): number {
  return most === 1 ? SHADES - 1 : Math.round((Math.log(count) / Math.log(most)) * (SHADES - 1));
}

function drawCells(cells: Uint32Array, most: number): string[] {
  const size = (AREA.right - AREA.left) / SIDE;
  return Array.from({ length: SHADES }, (_, level) => {
    const places = [...cells.keys()].filter(
      (i) => cells[i]! > 0 && levelOf(cells[i]!, most) === level,
    );
    const drawn = places.map((i): [number, number, number, number] => {
      const row = Math.floor(i / SIDE);
      return [AREA.left + (i % SIDE) * size, AREA.bottom - (row + 1) * size, size, size];
    });
    return drawn.length === 0 ? '' : boxes(drawn, { fill: shade(level) });
  });
}

function legend(most: number): string {
  const [y, width] = [552, 26];
  const start = AREA.left + 98;
  const swatches = Array.from({ length: SHADES }, (_, level) =>
    boxes([[start + level * width, y, width, 12]], { fill: shade(level) }),
  );
  const small = { 'font-size': 11, fill: COLOURS.muted };
  return [
    text(AREA.left, y + 10, 'rows in a cell', small),
    text(start - 8, y + 10, '1', { ...small, anchor: 'end' }),
    ...swatches,
    text(start + SHADES * width + 8, y + 10, tickLabel(most), small),
  ].join('');
}
