/** Maps values of a range to pixels, and provides ticks. */
export interface Scale {
  /** The ends of the range. */
  from: number;
  to: number;
  at(value: number): number;
  ticks: readonly number[];
}

/** The ends of a line, in pixels. */
export type Span = readonly [start: number, end: number];

const TICKS = 6;
/** Maximum number of decades for ticks at 2 and 5 times the powers of ten. */
const FEW_DECADES = 2.5;

/** Creates a linear scale, with ticks 1, 2 or 5 times a power of ten apart. @param ticks maximum number of ticks */
export function linearScale(from: number, to: number, span: Span, ticks = TICKS): Scale {
  const width = to > from ? to - from : 1;
  const step = niceStep(width / ticks);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor((from + width) / step + 1e-9);
  return {
    from,
    to: from + width,
    at: (value) => span[0] + ((value - from) / width) * (span[1] - span[0]),
    // Divides if the step is a fraction: 3 * 0.1 is not 0.3.
    ticks: Array.from({ length: last - first + 1 }, (_, i) =>
      step >= 1 ? (first + i) * step : (first + i) / Math.round(1 / step),
    ),
  };
}

/** Creates a logarithmic scale. @param from above 0 */
export function logScale(from: number, to: number, span: Span): Scale {
  const upper = to > from ? to : from * 10;
  const linear = linearScale(Math.log10(from), Math.log10(upper), span);
  return {
    from,
    to: upper,
    at: (value) => linear.at(Math.log10(value)),
    ticks: logTicks(from, upper),
  };
}

function logTicks(from: number, to: number): number[] {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const every = Math.max(1, Math.round((high - low) / TICKS));
  const factors = high - low <= FEW_DECADES ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(low / every) * every; power <= high; power += every)
    for (const factor of factors)
      ticks.push(power < 0 ? factor / 10 ** -power : factor * 10 ** power);
  const inside = ticks.filter((tick) => tick >= from && tick <= to);
  return inside.length >= 2
    ? inside
    : linearScale(from, to, [0, 1]).ticks.filter((tick) => tick > 0);
}

/** Rounds up to 1, 2 or 5 times a power of ten. */
function niceStep(step: number): number {
  const power = Math.floor(Math.log10(step));
  const scale = power < 0 ? 1 / 10 ** -power : 10 ** power;
  const factor = [1, 2, 5, 10].find((candidate) => candidate * scale >= step * (1 - 1e-9)) ?? 10;
  return factor * scale;
}

/** Formats a number for a tick, with as few digits as possible. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4))
    return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
  return value.toLocaleString('en-US', { maximumSignificantDigits: Math.max(4, digits(size)) });
}

function digits(size: number): number {
  return size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
}

/** Formats a number with three significant digits. */
export function shortLabel(value: number): string {
  return tickLabel(Number(value.toPrecision(3)));
}

/** Formats a share as a percentage without decimals. */
export function percentLabel(share: number): string {
  return `${Math.round(share * 100)}%`;
}
