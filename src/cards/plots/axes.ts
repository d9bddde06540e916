import { type Scale, tickLabel } from './scale.js';
import { COLOURS, element, line, text } from './svg.js';

/** The sides of a plot's area, in pixels. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface AxisOptions {
  label?: string;
  /** Formats ticks. */
  format?: (tick: number) => string;
}

const HAIR = { stroke: COLOURS.grid, 'stroke-width': 1 };
const TICK_TEXT = { fill: COLOURS.muted, 'font-size': 11 };

/** Draws ticks below an area, with grid lines and a title. */
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

/** Draws ticks left of an area, with grid lines and a title. */
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

/** Draws the outline of an area. */
export function frame({ left, right, top, bottom }: Area): string {
  const size = { x: left, y: top, width: right - left, height: bottom - top };
  return element('rect', { ...size, fill: 'none', stroke: '#8c959f', 'stroke-width': 1 });
}

/** Draws the diagonal on which both axes are equal. */
export function diagonal({ left, right, top, bottom }: Area): string {
  const ends = [
    [left, bottom],
    [right, top],
  ] as const;
  return line(ends, { stroke: COLOURS.accent, 'stroke-width': 1.2, 'stroke-dasharray': '5 4' });
}
