/** The colours of all plots, readable on their white background. */
export const COLOURS = {
  text: '#1f2328',
  muted: '#59636e',
  grid: '#e4e8ec',
  mark: '#1a5fb4',
  soft: '#a9c9ec',
  accent: '#e66100',
} as const;

/** Colours from few to many. */
const RAMP = [
  '#d2e4f6',
  '#bbd6f0',
  '#93bee6',
  '#649fd8',
  '#3b80c6',
  '#1f62ab',
  '#11468a',
  '#082c63',
];
/** Number of levels of {@link shade}. */
export const SHADES = RAMP.length;

/** Returns a colour of the ramp. @param level from 0 to less than {@link SHADES} */
export function shade(level: number): string {
  return RAMP[level]!;
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Writes an element; undefined attributes are omitted, numbers are rounded to tenths. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeXml(value!)}"`,
    )
    .join('');
  const inner = children.join('');
  return inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>`;
}

/** Writes text at a point; `anchor` defaults to start. */
export function text(
  x: number,
  y: number,
  content: string,
  { anchor, ...attributes }: Attributes & { anchor?: 'middle' | 'end' } = {},
): string {
  return element('text', { x, y, 'text-anchor': anchor, ...attributes }, escapeXml(content));
}

/** Draws a line through points. */
export function line(
  points: readonly (readonly [number, number])[],
  attributes: Attributes,
): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return element('path', { d, fill: 'none', ...attributes });
}

/** Draws a straight line between two points. */
export function segment(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  attributes: Attributes,
): string {
  const ends = [
    [x1, y1],
    [x2, y2],
  ] as const;
  return line(ends, attributes);
}

/** Writes centred text that reads upwards. */
export function upwards(x: number, y: number, content: string): string {
  return text(x, y, content, { anchor: 'middle', transform: `rotate(-90 ${x} ${y})` });
}

/** Draws rectangles of the same style as one element. @param boxes each as x, y, width, height */
export function boxes(
  boxes: readonly (readonly [number, number, number, number])[],
  attributes: Attributes,
): string {
  const d = boxes
    .map(([x, y, w, h]) => `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}z`)
    .join('');
  return element('path', { d, ...attributes });
}

/** The title and description of a plot, for screen readers. */
interface Caption {
  title: string;
  description: string;
}

/** A drawn plot. */
export interface Picture {
  title: string;
  svg: string;
}

/** Creates a complete picture on white with its title. */
export function figure(
  width: number,
  height: number,
  { title, description }: Caption,
  ...body: string[]
): Picture {
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'font-family': 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif',
      'font-size': 12,
      fill: COLOURS.text,
    },
    ...[
      element('title', {}, escapeXml(title)),
      element('desc', {}, escapeXml(description)),
      element('rect', { width, height, rx: 6, fill: '#fff' }),
      text(16, 26, title, { 'font-size': 15, 'font-weight': 600 }),
      ...body,
    ].map((part) => `\n${part}`),
    '\n',
  );
  return { title, svg: `${svg}\n` };
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

// XML allows no control characters other than tab and line breaks, even escaped.
function escapeXml(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
