import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ONLY_AT_FULL_SIZE = /\bsized\(\w+\.skip,/;

it('leaves out of npm test only what CI runs at full size', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const atFullSize = [scripts['test:aws'], scripts.documents].flatMap((script: string) =>
    script.split(' ').filter((word) => word.startsWith('test/')),
  );
  const left = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((name) => join('test', name))
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => ONLY_AT_FULL_SIZE.test(readFileSync(path, 'utf8')));
  expect(left.length).toBeGreaterThan(5);
  const isRun = (path: string) => atFullSize.some((start) => path.startsWith(start));
  expect(left.filter((path) => !isRun(path))).toEqual([]);
});
