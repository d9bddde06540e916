import { describe, expect, it } from '@jest/globals';
import { fencesOf, pages } from './fences.js';
import { stepsOf } from './script.js';
import { differenceOf } from './shape.js';
import { runSteps } from './workshop.js';

/** With DOCUMENTS=slow the pages that have such fences are run whole. */
const SLOW = process.env.DOCUMENTS === 'slow';
const LONGEST_MS = SLOW ? 3_600_000 : 300_000;

describe.each(pages())('%s', (page) => {
  const fences = fencesOf(page);
  const steps = stepsOf(fences, SLOW);

  it('says of each fence whether it is run', () => {
    const silent = fences.filter(({ mark }) => mark === undefined);
    expect(silent.map(({ line, text }) => `${page}:${line} ${text.split('\n')[0]}`)).toEqual([]);
  });

  it('writes no error into a file', () => {
    const commands = fences.flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'));
    const saving = commands.filter((line) => /\bcurl\b.* -[a-zA-Z]*o /.test(line));
    expect(saving.filter((line) => !/ (-[a-zA-Z]*f[a-zA-Z]*|--fail) /.test(line))).toEqual([]);
  });

  const isRun = steps.length > 0 && (!SLOW || fences.some(({ mark }) => mark?.when === 'slow'));
  (isRun ? it : it.skip)(
    'does what it shows',
    async () => {
      const { written, failure, lint } = await runSteps(steps);
      const differences = steps.flatMap(({ line, text, shown }, i) => {
        const where = `${page}:${line} ${text.trim()}`;
        if (failure !== undefined && i === written.length - 1)
          return [`${where}\n${written[i]}\n${failure}`];
        const difference =
          shown === undefined || i >= written.length ? undefined : differenceOf(shown, written[i]!);
        return difference === undefined ? [] : [`${where}\n${difference}\n${written[i]}`];
      });
      expect(differences).toEqual([]);
      expect(lint).toBe('');
    },
    LONGEST_MS,
  );
});
