import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { countCells } from '../../src/cards/plots/density.js';
import { errorQuantiles } from '../../src/cards/plots/errors.js';
import { createPlotter } from '../../src/cards/plots/plotter.js';
import { linearScale, logScale, tickLabel } from '../../src/cards/plots/scale.js';
import type { Spec } from '../../src/ml/spec.js';

describe('what is drawn', () => {
  it('is relative and absolute errors', () => {
    const pairs = [
      { prediction: 110, truth: 100 },
      { prediction: 40, truth: 50 },
      { prediction: 7, truth: 0 },
      { prediction: -1, truth: -2 },
    ];
    const group = { from: -1, to: 110, pairs };
    // Relative: 0.1, -0.2, none, 0.5; absolute: 10, -10, 7, 1.
    expect(errorQuantiles(group, 'relative')[2]).toBeCloseTo(0.1, 12);
    expect(errorQuantiles(group, 'relative')[1]).toBeCloseTo(-0.05, 12);
    expect(errorQuantiles(group, 'absolute')[2]).toBe(4);
  });

  it('is rows in cells, what lies on the far edge in the last', () => {
    const pairs = [
      { prediction: 0, truth: 3.9 },
      { prediction: 4, truth: 4 },
      { prediction: 1.9, truth: 0 },
    ];
    expect([...countCells(pairs, (value) => value / 4, 2)]).toEqual([1, 1, 0, 1]);
  });
});

describe('scales', () => {
  it('have ticks at round numbers', () => {
    expect(linearScale(0, 1, [0, 100]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale(-0.16, 0.24, [0, 1]).ticks).toEqual([-0.1, 0, 0.1, 0.2]);
    expect(linearScale(0.1, 0.35, [0, 1]).ticks).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(logScale(300, 19_000, [0, 1]).ticks).toEqual([500, 1000, 2000, 5000, 10_000]);
    expect(logScale(0.01, 1000, [0, 1]).ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
    expect([0, 0.15, 1000, 12_345, 2_500_000].map(tickLabel)).toEqual([
      '0',
      '0.15',
      '1,000',
      '12,345',
      '2.5M',
    ]);
  });

  it('put values where they belong', () => {
    expect(linearScale(10, 20, [0, 100]).at(12)).toBeCloseTo(20, 10);
    expect(logScale(1, 100, [100, 0]).at(10)).toBeCloseTo(50, 10);
  });

  it.each([
    [5, 5],
    [0, 1e-9],
    [-3e8, 4e8],
    [2, 2.0001],
  ])('take any range: %d to %d', (from, to) => {
    const scale = linearScale(from, to, [0, 50]);
    expect([scale.at(scale.from), scale.at(scale.to)].map(Math.round)).toEqual([0, 50]);
    const { ticks } = scale;
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(8);
  });
});

describe('the plots', () => {
  const NASTY = 'R&D <"x">\u0000';
  const spec = (task: Spec['task'], target: Spec['target']) => ({ task, target }) as Spec;
  const numbers = (length: number, of: (i: number) => number) =>
    Float64Array.from({ length }, (_, i) => of(i));
  const classNames = (length: number) => Array.from({ length }, (_, i) => `${NASTY} ${i}`);

  /** Rows whose most probable class is mostly the true one. */
  const classified = (classes: number, rows: number) => ({
    predictions: numbers(rows * classes, (i) => {
      const [row, c] = [Math.floor(i / classes), i % classes];
      const sure = 0.4 + 0.6 * ((row * 0.618) % 1);
      return c === row % classes ? sure : (1 - sure) / (classes - 1);
    }),
    truth: numbers(rows, (row) => (row % 7 === 0 ? 0 : row % classes)),
  });
  const priced = {
    predictions: numbers(4000, (i) => 300 + i * (1 + 0.2 * Math.sin(i))),
    truth: numbers(4000, (i) => 300 + i),
  };

  const CASES: [string, Spec, { predictions: Float64Array; truth: Float64Array }, string[]][] = [
    [
      'a price',
      spec('regression', { name: NASTY, unit: '<USD>', transform: 'log' }),
      priced,
      ['predicted', 'errors'],
    ],
    ['a number', spec('regression', { name: 'b' }), priced, ['predicted', 'errors']],
    [
      'one row',
      spec('regression', { name: 'b' }),
      { predictions: numbers(1, () => 0), truth: numbers(1, () => 0) },
      ['predicted', 'errors'],
    ],
    [
      'two classes',
      spec('classification', { name: 'c', classes: classNames(2) }),
      classified(2, 3000),
      ['calibration', 'roc'],
    ],
    [
      'three classes',
      spec('classification', { name: 'c', classes: classNames(3) }),
      classified(3, 300),
      ['confusion', 'calibration'],
    ],
    [
      'many classes',
      spec('classification', { name: 'c', classes: classNames(60) }),
      classified(60, 3000),
      ['confusion', 'calibration'],
    ],
  ];

  it.each(CASES)('of %s are small, well-formed and described', (_what, its, rows, names) => {
    const plotter = createPlotter(its);
    plotter.add(rows.predictions, rows.truth);
    const plots = plotter.plots();
    expect(plots.map(({ name }) => name)).toEqual(names);
    for (const { svg, title } of plots) {
      const { width, height } = render(svg);
      expect(Math.min(width, height)).toBeGreaterThan(300);
      expect(svg.length).toBeLessThan(40_000);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toMatch(
        /role="img"[^>]*>\s*<title>[^<]+<\/title>\s*<desc>[^<]{40,}<\/desc>\s*<rect[^>]+fill="#fff"/,
      );
      expect(title).not.toBe('');
    }
  });

  it.each(CASES)(
    'of %s are the same whatever blocks the rows come in',
    (_what, its, { predictions, truth }) => {
      const [whole, parted] = [createPlotter(its), createPlotter(its)];
      whole.add(predictions, truth);
      const outputs = predictions.length / truth.length;
      const cut = Math.floor(truth.length / 3);
      parted.add(predictions.subarray(0, cut * outputs), truth.subarray(0, cut));
      parted.add(predictions.subarray(cut * outputs), truth.subarray(cut));
      expect(parted.plots()).toEqual(whole.plots());
    },
  );

  it('know the class that a number of the data is', () => {
    const classes = ['few', 'many'];
    const [indices, numbers] = [{}, { above: 15 }].map((above) => {
      const plotter = createPlotter(spec('classification', { name: 'c', classes, ...above }));
      const truth = 'above' in above ? [16, 15, 40, -3] : [1, 0, 1, 0];
      plotter.add(
        Float64Array.of(0.2, 0.8, 0.6, 0.4, 0.3, 0.7, 0.9, 0.1),
        Float64Array.from(truth),
      );
      return plotter.plots();
    });
    expect(numbers).toEqual(indices);
  });

  it('are none of no row', () => {
    for (const [, its] of CASES) expect(createPlotter(its).plots()).toEqual([]);
  });

  it('are not taken for well-formed when they are not', () => {
    expect(() => render('<svg xmlns="http://www.w3.org/2000/svg"><g></svg>')).toThrow(
      /svg|xml|format/i,
    );
  });
});

/** Draws an SVG as PNG, which takes XML; in a process of its own, for the decoder of images forbids SVG in this one. */
function render(svg: string): { width: number; height: number } {
  const script = `
    import sharp from 'sharp';
    import { buffer } from 'node:stream/consumers';
    const { info } = await sharp(await buffer(process.stdin)).png().toBuffer({ resolveWithObject: true });
    process.stdout.write(JSON.stringify(info));`;
  const args = ['--input-type=module', '-e', script];
  const drawn = spawnSync(process.execPath, args, { input: svg, encoding: 'utf8' });
  if (drawn.status !== 0) throw new Error(drawn.stderr);
  return JSON.parse(drawn.stdout) as { width: number; height: number };
}
