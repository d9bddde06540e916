import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const text = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');
const [, table = ''] = /## Defences([\s\S]*?)\n## /.exec(text) ?? [];
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (threat|---)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('SECURITY.md', () => {
  it('has a test for every defence, and each is there and tests something', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const [, threat = '', defence = '', tests = ''] of rows) {
      expect([threat.length > 0, defence.length > 0]).toEqual([true, true]);
      const files = [...tests.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, file]) => file!);
      expect([threat, files.length > 0]).toEqual([threat, true]);
      for (const file of files) {
        const url = new URL(`../${file}`, import.meta.url);
        expect([file, existsSync(url)]).toEqual([file, true]);
        expect(readFileSync(url, 'utf8')).toMatch(/\b(it|test)(\.each)?\(/);
      }
    }
  });

  it('names no file elsewhere in it that is not there', () => {
    const named = [...text.matchAll(/`((?:test|src|docs)\/[\w/.-]+\.\w+)`/g)].map(
      ([, file]) => file!,
    );
    const gone = named.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)));
    expect(gone).toEqual([]);
  });

  it('says how to report, what is supported, what is attacked and what is not defended', () => {
    for (const title of [
      'Report a vulnerability',
      'Supported versions',
      'Threat model',
      'Defences',
      'What is not defended',
    ])
      expect(text).toContain(`\n## ${title}\n`);
  });
});
