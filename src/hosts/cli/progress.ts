import cliProgress from 'cli-progress';
import { format } from '../../cards/index.js';
import type { TrainingEvent } from '../../training/index.js';
import { note } from './output.js';
import { TimeLeft } from './time-left.js';

type Epoch = Extract<TrainingEvent, { event: 'epoch' }>;

/** Shows the progress of a training. */
export interface Progress {
  epoch(progress: Epoch): void;
  stop(): void;
}

/** Minimum milliseconds between two log lines. */
const LINE_MS = 5000;

/** Creates progress bars for a terminal. */
export function newBars(format: string, clearOnComplete = false): cliProgress.MultiBar {
  const options = { format, hideCursor: true, clearOnComplete };
  return new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
}

/** Creates one progress bar per member, for a terminal. */
export function barProgress(): Progress {
  const bars = newBars(
    'member {member} |{bar}| epoch {value}/{total}  loss {loss}  validation {validation}  {left}',
  );
  const byMember = new Map<number, cliProgress.SingleBar>();
  const time = new TimeLeft();
  return {
    epoch(progress) {
      const shown = describe(progress, time);
      const bar = byMember.get(progress.member) ?? bars.create(progress.epochs, 0, shown);
      byMember.set(progress.member, bar);
      bar.update(progress.epoch, shown);
    },
    stop: () => bars.stop(),
  };
}

/** Creates log lines: the first and the last epoch of each member, and one every few seconds between. */
export function lineProgress(now = () => performance.now(), write = note): Progress {
  const time = new TimeLeft(now);
  let next = 0;
  return {
    epoch(progress) {
      const { member, loss, validation, left } = describe(progress, time);
      if (progress.epoch > 1 && !progress.ended && now() < next) return;
      next = now() + LINE_MS;
      const epoch = `${progress.epoch}/${progress.epochs}`;
      const figures = [`loss ${loss}`, `validation ${validation}`, ...(left === '' ? [] : [left])];
      write(`member ${member}, epoch ${epoch}: ${figures.join(', ')}`);
    },
    stop() {},
  };
}

function describe(progress: Epoch, time: TimeLeft) {
  const { member, members, loss, validation } = progress;
  const left = time.after(progress);
  return {
    member: `${member + 1}/${members}`,
    loss: loss.toFixed(4),
    validation: format(validation, validation >= 10 ? 1 : 4),
    left: left === undefined ? '' : `about ${format(left)} s left`,
  };
}
