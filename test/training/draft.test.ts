import { describe, expect, it } from '@jest/globals';
import { csvOf, draft, german, remarkOn } from './drafts.js';

const SIDE = (row: number) => 1 + ((row * 37) % 101) / 10;
const gaps = (column: (row: number) => unknown) => (row: number) =>
  row % 10 === 0 ? '' : column(row);

describe('the task', () => {
  const taskOf = async (y: (row: number) => unknown) => (await draft({ side: SIDE, y })).spec;

  it.each([
    ['numbers with decimals', (row: number) => (row % 4) + 0.5],
    ['many whole numbers', (row: number) => row % 11],
    ['many numbers, some of them missing', gaps((row) => row % 11)],
  ])('is a regression of %s', async (_what, y) => {
    const { task, target, hyperparameters } = await taskOf(y);
    expect([task, hyperparameters.loss]).toEqual(['regression', 'meanAbsoluteError']);
    expect(target).not.toHaveProperty('classes');
  });

  it.each([
    ['words', (row: number) => ['oak', 'cork', 'ash'][row % 3], ['ash', 'cork', 'oak']],
    ['few whole numbers', (row: number) => [10, 9, 2][row % 3], ['2', '9', '10']],
    ['few whole numbers, some missing', gaps((row) => row % 2), ['0', '1']],
    ['words and numbers', (row: number) => [1, 'many'][row % 2], ['1', 'many']],
    ['true and false', (row: number) => row % 3 === 0, ['false', 'true']],
  ])('is a classification of %s', async (_what, y, classes) => {
    const { task, target, hyperparameters } = await taskOf(y);
    expect([task, hyperparameters.loss]).toEqual(['classification', 'crossEntropy']);
    expect(target.classes).toEqual(classes);
  });

  it('has the requested kind', async () => {
    const columns = { side: SIDE, y: (row: number) => row % 3 };
    const { spec } = await draft(columns, { task: 'regression' });
    expect([spec.task, spec.target]).toEqual(['regression', { name: 'y' }]);
    const many = { side: SIDE, y: (row: number) => row % 40 };
    expect((await draft(many, { task: 'classification' })).spec.target.classes).toHaveLength(40);
  });
});

describe('a target', () => {
  it.each([
    ['number', (row: number) => row / 3],
    ['class', (row: number) => 'ab'[row % 2]],
  ])('of a %s may be missing in rows, which are told of', async (_what, y) => {
    const made = await draft({ side: SIDE, y: gaps(y) });
    expect(made.spec.target.optional).toBe(true);
    expect(made.rows).toBe(400);
    expect(remarkOn(made, 'y')).toBe('10% of the rows have none and are left out');
    expect((await draft({ side: SIDE, y })).spec.target).not.toHaveProperty('optional');
  });

  it('of which a class is rare is remarked on', async () => {
    const made = await draft({ side: SIDE, y: (row) => (row % 50 === 0 ? 'ill' : 'well') });
    expect(remarkOn(made, 'y')).toBe('"ill" is only 2% of the rows');
    const even = await draft({ side: SIDE, y: (row) => (row % 5 === 0 ? 'ill' : 'well') });
    expect(even.remarks).toEqual([]);
  });

  it.each<[flag: string, word: string, classes: string[]]>([
    ['Y', 'no', ['Y', 'no']],
    ['x', 'none', ['none', 'x']],
    ['x', 'NA', ['NA', 'x']],
    ['1', '0', ['0', '1']],
    ['1', 'no', ['1', 'no']],
    ['True', 'False', ['False', 'True']],
  ])('is a flag %j, and blanks are what a person says: %j', async (flag, word, classes) => {
    const y = (row: number) => (row % 3 === 0 ? flag : '');
    const values = /\d/.test(word) ? {} : { values: [word] };
    const made = await draft({ side: SIDE, y }, { hints: { y: { blank: word, ...values } } });
    expect(made.spec.task).toBe('classification');
    expect(made.spec.target).toEqual({ name: 'y', classes, blank: word });
    expect(remarkOn(made, 'y')).toContain(`its blanks are read as "${word}"`);
  });

  it('reads blanks as a given number', async () => {
    const y = (row: number) => (row % 3 === 0 ? `${row * 1.5}` : '');
    const made = await draft({ side: SIDE, y }, { hints: { y: { blank: '0' } } });
    expect(made.spec).toMatchObject({ task: 'regression', target: { name: 'y', blank: '0' } });
  });

  it('alone has blanks that mean something', async () => {
    const hints = { side: { blank: 'no' } };
    const columns = { side: SIDE, y: (row: number) => row % 2 };
    await expect(draft(columns, { hints })).rejects.toThrow(
      '--blank side: only blanks of the target',
    );
  });

  it.each([
    [
      { hints: { y: { order: 'dmy' as const } } },
      '--date-order y: the column is not read as dates',
    ],
    [
      { hints: { side: { kind: 'category' as const, decimal: 'comma' as const } } },
      '--decimal side: the column is not read as numbers; --kind side=number reads it so',
    ],
    [{ leaveOut: ['y'] }, '--leave-out y: it is the target'],
  ])('and features have only the hints that fit: %j', async (options, message) => {
    await expect(draft({ side: SIDE, y: SIDE }, options)).rejects.toThrow(message);
  });

  it('and features are remarked on when a word of a hint is in no row', async () => {
    const word = (row: number) => ['a', 'b', 'NA'][row % 3];
    const hints = {
      side: { missing: ['-999', '0.0'] },
      word: { missing: ['c'], values: ['NA'] },
      y: { missing: ['x'], values: ['z'] },
    };
    const side = (row: number) => (row === 0 ? 0 : SIDE(row));
    const y = (row: number) => ['a', 'b', 'c'][row % 3];
    const made = await draft({ side, word, y }, { hints });
    expect(remarkOn(made, 'word')).toBe('--missing word=c has no effect: no row has that word');
    expect(remarkOn(made, 'side')).toContain('--missing side=-999 has no effect');
    expect(JSON.stringify(made.remarks)).not.toContain('side=0.0');
    expect(remarkOn(made, 'y')).toContain('--value y=z has no effect: no row has that word');
  });

  it.each([
    ['is not there', { side: SIDE, z: SIDE }, 'column not found: "y"; there are side, z'],
    ['is always the same', { side: SIDE, y: () => 'x' }, 'y is the same in every row'],
    [
      'is the same wherever it is known',
      { side: SIDE, y: gaps(() => 3) },
      'y is "3" in every row that has one: --blank y=0, or "blank" of the target',
    ],
    [
      'is a flag in a few rows',
      { side: SIDE, y: (row: number) => (row < 9 ? 'No' : '') },
      'y is "No" in every row that has one: --blank y=yes',
    ],
    ['has too many classes', { side: SIDE, y: (row: number) => `c${row % 101}` }, 'at most 100'],
    [
      'is known too seldom',
      { side: SIDE, y: (row: number) => (row < 49 ? row : '') },
      '49 rows have a y; at least 50 are needed',
    ],
  ])('is refused when it %s', async (_what, columns, message) => {
    await expect(draft(columns)).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining(message),
    });
  });

  it('is refused as a number when it is none', async () => {
    const columns = { side: SIDE, y: (row: number) => (row % 10 === 9 ? 'many' : row) };
    await expect(draft(columns, { task: 'regression' })).rejects.toThrow(
      'y is not a number in every row: 90% of its values are numbers, the others are not',
    );
  });
});

describe('a file', () => {
  const COLUMNS = {
    side: SIDE,
    material: (row: number) => ['oak', 'cork'][row % 2],
    y: (row: number) => SIDE(row) ** 2 + (row % 2),
  };
  const plain = csvOf(COLUMNS);

  it.each([
    ['begins with a byte order mark', `\ufeff${plain}`],
    ['has lines that end with CR and LF', plain.replaceAll('\n', '\r\n')],
    ['has lines that end with CR', plain.replaceAll('\n', '\r')],
    ['is divided by tabs', plain.replaceAll(',', '\t')],
    ['has everything in quotes', plain.replace(/[^,\n]+/g, '"$&"')],
    ['does not end with a line break', plain.trimEnd()],
  ])('that %s says the same', async (_what, text) => {
    expect(await draft(text)).toEqual(await draft(plain));
  });

  it('with semicolons and decimal commas gives the same spec as one without', async () => {
    const columns = { side: (row: number) => 100 * SIDE(row), y: (row: number) => row - 0.5 };
    const [comma, point] = [await draft(german(columns)), await draft(csvOf(columns))];
    expect(comma.spec.features).toEqual([{ name: 'side', kind: 'number', decimal: 'comma' }]);
    expect(comma.spec.target).toEqual({ name: 'y', decimal: 'comma' });
    const { features, target } = point.spec;
    expect({ ...comma, spec: { ...comma.spec, features, target } }).toEqual(point);
  });

  it.each([
    ['nothing in it', '', 'the file is empty'],
    ['only a header', 'side,y\n', 'the file has no rows below the header'],
    ['49 rows', csvOf(COLUMNS, 49), '49 rows have a y; at least 50 are needed'],
    ['a row that is too short', `${plain}1,2\n`, 'line 402: expected 3 fields, got 2'],
    ['no header', '1,2,3\n4,5,6\n', 'there are 1, 2, 3; the first line must name the columns'],
    ['two columns of one name', 'y,y\n1,2\n', 'two columns are called y'],
    ['nothing but the target', csvOf({ y: COLUMNS.y }), 'no column can be learnt from'],
  ])('with %s is refused', async (_what, text, message) => {
    await expect(draft(text)).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining(message),
    });
  });

  it('of which no column can be learnt from is refused with the reasons', async () => {
    const columns = { nr: (row: number) => row, planet: () => 'Earth', y: SIDE };
    await expect(draft(columns)).rejects.toThrow(
      /nr: .*counts the rows; --kind nr=number keeps it; planet: .*the same/,
    );
  });
});

describe('the network', () => {
  const sized = async (rows: number) => (await draft(csvOf({ side: SIDE, y: SIDE }, rows))).spec;

  it('is drafted by the number of rows', async () => {
    const [few, medium, more] = [await sized(50), await sized(3000), await sized(10_000)];
    expect(few.network).toMatchObject({ hidden: [16], members: 4 });
    expect(medium.network).toMatchObject({ hidden: [128, 64], members: 4 });
    expect(more.network).toMatchObject({ hidden: [64, 32, 16], members: 2 });
    expect(few.hyperparameters.batchSize).toBeLessThan(more.hyperparameters.batchSize);
  });
});

describe('a target far beyond the others', () => {
  const columns = (odd: number) => ({
    x: (row: number) => Math.sin(row),
    y: (row: number) => (row === 5 ? odd : 10 + 3 * Math.sin(row)),
  });

  it.each([1e12, -1e12])('of %d is named with its line', async (odd) => {
    expect(remarkOn(await draft(columns(odd)), 'y')).toContain(`line 7 has ${odd}: far beyond`);
  });

  it('is looked for where it is learnt: among logarithms', async () => {
    const y = (row: number) => (row === 5 ? 1e-300 : Math.exp(row % 9));
    expect(remarkOn(await draft({ x: Math.sin, y }), 'y')).toContain('line 7 has 1e-300');
    const large = (row: number) => (row === 5 ? 1e9 : Math.exp(row % 9));
    expect(remarkOn(await draft({ x: Math.sin, y: large }), 'y')).not.toContain('line');
  });
});

describe('a target that is nearly always the same', () => {
  it('is learnt by its mean, and its amounts are no mistakes', async () => {
    const y = (row: number) => (row % 40 === 7 ? 1000 + row * 10.5 : 0);
    const drafted = await draft({ x: Math.sin, y });
    expect(drafted.spec.hyperparameters.loss).toBe('meanSquaredError');
    const remark = remarkOn(drafted, 'y')!;
    expect(remark).toMatch(/^it is 0 in 98% of the rows, so the mean is learnt/);
    expect(remark).not.toContain('far beyond');
  });

  it('is learnt by its median otherwise', async () => {
    const y = (row: number) => (row % 2 === 0 ? 0 : row);
    const { spec } = await draft({ x: Math.sin, y });
    expect(spec.hyperparameters.loss).toBe('meanAbsoluteError');
  });
});

describe('a target that is distinct in each row', () => {
  it.each([
    ['counts them', (row: number) => 5000 + row, 'counts the rows'],
    ['is a large number', (row: number) => 1e8 + ((row * 7919) % 900_001), 'as ids have'],
  ])('is remarked where it %s', async (_what, y, remark) => {
    expect(remarkOn(await draft({ x: Math.sin, y }), 'y')).toContain(remark);
  });

  it('is none where numbers repeat', async () => {
    const y = (row: number) => 1000 + ((row * 37) % 300);
    expect(remarkOn(await draft({ x: Math.sin, y }), 'y')).toBeUndefined();
  });
});

describe('many columns', () => {
  const wide = (columns: number) => ({
    ...Object.fromEntries(
      Array.from({ length: columns }, (_, i) => [
        `x${i}`,
        (row: number) => Math.sin(row * (i + 1)),
      ]),
    ),
    y: (row: number) => Math.cos(row),
  });
  const inputsOf = async (columns: number) => {
    const { spec } = await draft(csvOf(wide(columns), 60));
    return spec.encoding.reduce(
      (sum, step) => sum + (step.encode === 'piecewise' ? step.knots.length - 1 : 1),
      0,
    );
  };

  it('are encoded the more coarsely the more there are', async () => {
    expect(await inputsOf(30)).toBe(30 + 300);
    expect(await inputsOf(300)).toBe(300 + 900);
    expect(await inputsOf(700)).toBe(700);
  });

  it('beyond 2,000 are refused, with what to do', async () => {
    await expect(draft(csvOf(wide(2000), 5))).rejects.toThrow(
      /the file has 2001 columns, more than 2000: select the relevant ones/,
    );
  });

  it('are not all named in the description', async () => {
    const { spec } = await draft(csvOf(wide(40), 60));
    expect(spec.description).toMatch(/x28, x29, 10 more\.$/);
  });
});
