import { describe, expect, it } from '@jest/globals';
import { sized } from '../support/size.js';
import { fencesOf, pages } from './fences.js';
import { stepsOf } from './script.js';
import { differenceOf } from './shape.js';
import { runSteps } from './workshop.js';

/** At full size, all pages are run whole; else the fences of the first page that are not slow. */
const WITH_SLOW = sized(false, true);
const RUN = sized(['README.md'], pages());
const LONGEST_MS = sized(300_000, 3_600_000);

describe.each(pages())('%s', (page) => {
  const fences = fencesOf(page);
  const steps = stepsOf(fences, WITH_SLOW);

  it('says of each fence whether it is run', () => {
    const silent = fences.filter(({ mark }) => mark === undefined);
    expect(silent.map(({ line, text }) => `${page}:${line} ${text.split('\n')[0]}`)).toEqual([]);
  });

  it('writes no error into a file', () => {
    const commands = fences.flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'));
    const saving = commands.filter((line) => /\bcurl\b.* -[a-zA-Z]*o /.test(line));
    expect(saving.filter((line) => !/ (-[a-zA-Z]*f[a-zA-Z]*|--fail) /.test(line))).toEqual([]);
  });

  (steps.length > 0 && RUN.includes(page) ? it : it.skip)(
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
