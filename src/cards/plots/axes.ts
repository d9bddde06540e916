import { type Scale, tickLabel } from './scale.js';
import { COLOURS, element, line, text } from './svg.js';

/** Where a plot draws: the pixels of its sides. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface AxisOptions {
  label?: string;
  /** How ticks are written. */
  format?: (tick: number) => string;
}

const HAIR = { stroke: COLOURS.grid, 'stroke-width': 1 };
const TICK_TEXT = { fill: COLOURS.muted, 'font-size': 11 };

/** Ticks below an area, their lines through it, and what they measure. */
export function bottomAxis(
  scale: Scale,
  { left, right, top, bottom }: Area,
  { label, format = tickLabel }: AxisOptions = {},
): string {
  const ticks = scale.ticks.map((tick) => {
    const x = scale.at(tick);
    const hair = line(
      [
        [x, top],
        [x, bottom],
      ],
      HAIR,
    );
    return hair + text(x, bottom + 16, format(tick), { anchor: 'middle', ...TICK_TEXT });
  });
  const name = label && text((left + right) / 2, bottom + 36, label, { anchor: 'middle' });
  return element('g', {}, ...ticks, name ?? '');
}

/** Ticks left of an area, their lines through it, and what they measure. */
export function leftAxis(
  scale: Scale,
  { left, right, top, bottom }: Area,
  { label, format = tickLabel }: AxisOptions = {},
): string {
  const ticks = scale.ticks.map((tick) => {
    const y = scale.at(tick);
    const hair = line(
      [
        [left, y],
        [right, y],
      ],
      HAIR,
    );
    return hair + text(left - 7, y + 4, format(tick), { anchor: 'end', ...TICK_TEXT });
  });
  const [x, y] = [18, (top + bottom) / 2];
  const transform = `rotate(-90 ${x} ${y})`;
  const name = label && text(x, y, label, { anchor: 'middle', transform });
  return element('g', {}, ...ticks, name ?? '');
}

/** The outline of an area. */
export function frame({ left, right, top, bottom }: Area): string {
  const size = { x: left, y: top, width: right - left, height: bottom - top };
  return element('rect', { ...size, fill: 'none', stroke: '#8c959f', 'stroke-width': 1 });
}

/** From the lower left to the upper right: where what both axes measure is equal. */
export function diagonal({ left, right, top, bottom }: Area): string {
  const ends = [
    [left, bottom],
    [right, top],
  ] as const;
  return line(ends, { stroke: COLOURS.accent, 'stroke-width': 1.2, 'stroke-dasharray': '5 4' });
}
