import { describe, expect, it } from '@jest/globals';
import { lineProgress } from '../../../src/hosts/cli/progress.js';
import { TimeLeft } from '../../../src/hosts/cli/time-left.js';

/**
 * The epochs of a training, by the clock: members on two threads, each of which takes a while to start.
 * @param stops after how many epochs each member ends
 */
function* trainingOf({ stops, epochs, epochMs = 100, startMs = 2000 }: Training) {
  const free = [0, 0];
  const steps = stops.flatMap((last, member) => {
    const thread = free[0]! <= free[1]! ? 0 : 1;
    const from = free[thread]! + startMs;
    free[thread] = from + last * epochMs;
    return Array.from({ length: last }, (_, i) => ({
      at: from + (i + 1) * epochMs,
      step: { member, members: stops.length, epoch: i + 1, epochs, ended: i + 1 === last },
    }));
  });
  yield* steps.sort((a, b) => a.at - b.at);
}

interface Training {
  stops: number[];
  epochs: number;
  epochMs?: number;
  startMs?: number;
}

const NUMBERS = { event: 'epoch', loss: 0.5, validation: 12 } as const;

describe('the time that a training still takes', () => {
  it.each([
    ['one member', { stops: [100], epochs: 100 }],
    ['two at a time', { stops: [100, 100, 100, 100], epochs: 100 }],
    ['one after two', { stops: [200, 200, 200], epochs: 200 }],
    ['a few epochs', { stops: [5], epochs: 5, startMs: 60_000 }],
  ])('is about right: %s', (_what, training) => {
    const steps = [...trainingOf(training)];
    const end = steps.at(-1)!.at;
    let now = 0;
    const time = new TimeLeft(() => now);
    for (const { at, step } of steps) {
      now = at;
      const left = time.after(step);
      const truth = (end - at) / 1000;
      if (left !== undefined && step.epoch > 2)
        expect(Math.abs(left - truth)).toBeLessThan(0.5 * truth + 3);
    }
  });

  it('takes those that stopped early for a measure of the others', () => {
    let now = 0;
    const time = new TimeLeft(() => now);
    let most = 0;
    for (const { at, step } of trainingOf({ stops: [20, 20, 20, 20], epochs: 1000 })) {
      now = at;
      const left = time.after(step) ?? 0;
      if (step.member >= 2) most = Math.max(most, left);
    }
    expect(most).toBeLessThan(10);
  });

  it('is not told from one epoch, with which a worker starts', () => {
    expect(
      new TimeLeft(() => 0).after({ member: 0, members: 1, epoch: 1, epochs: 9, ended: false }),
    ).toBe(undefined);
  });
});

describe('the progress in a log', () => {
  it('is a line every few seconds, and each first and last epoch', () => {
    let now = 0;
    const lines: string[] = [];
    const progress = lineProgress(
      () => now,
      (line) => lines.push(line),
    );
    for (const { at, step } of trainingOf({ stops: [600], epochs: 600 })) {
      now = at;
      progress.epoch({ ...NUMBERS, ...step });
    }
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.length).toBeLessThan(20);
    expect(lines[0]).toBe('member 1/1, epoch 1/600: loss 0.5000, validation 12.0');
    expect(lines[1]).toMatch(
      /^member 1\/1, epoch \d+\/600: loss 0.5000, validation 12.0, about \d+ s left$/,
    );
    expect(lines.at(-1)).toMatch(/epoch 600\/600: .* about 0 s left/);
  });
});
