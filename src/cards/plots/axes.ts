import { type Scale, tickLabel } from './scale.js';
import { COLOURS, element, segment, text, upwards } from './svg.js';

/** The sides of a plot's area, in pixels. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface AxisOptions {
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
    const number = text(x, bottom + 16, format(tick), { anchor: 'middle', ...TICK_TEXT });
    return segment(x, top, x, bottom, HAIR) + number;
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
    const number = text(left - 7, y + 4, format(tick), { anchor: 'end', ...TICK_TEXT });
    return segment(left, y, right, y, HAIR) + number;
  });
  return element('g', {}, ...ticks, label ? upwards(18, (top + bottom) / 2, label) : '');
}

/** Draws the outline of an area. */
export function frame({ left, right, top, bottom }: Area): string {
  const size = { x: left, y: top, width: right - left, height: bottom - top };
  return element('rect', { ...size, fill: 'none', stroke: '#8c959f', 'stroke-width': 1 });
}

/** Draws the diagonal on which both axes are equal. */
export function diagonal({ left, right, top, bottom }: Area): string {
  const dashed = { stroke: COLOURS.accent, 'stroke-width': 1.2, 'stroke-dasharray': '5 4' };
  return segment(left, bottom, right, top, dashed);
}
