import cliProgress from 'cli-progress';
import type { TrainingEvent } from '../../training/service.js';
import { format } from './output.js';

type Epoch = Extract<TrainingEvent, { event: 'epoch' }>;

/** Shows how a training gets on. */
export interface Progress {
  epoch(progress: Epoch): void;
  stop(): void;
}

/** A bar a member, for a terminal. */
export function barProgress(): Progress {
  const bars = new cliProgress.MultiBar(
    {
      format:
        'member {member} |{bar}| epoch {value}/{total}  loss {loss}  validation {validation}  {left} left',
      hideCursor: true,
      clearOnComplete: false,
    },
    cliProgress.Presets.shades_classic,
  );
  const byMember = new Map<number, cliProgress.SingleBar>();
  const started = performance.now();
  return {
    epoch(progress) {
      const shown = describe(progress, started);
      const bar = byMember.get(progress.member) ?? bars.create(progress.epochs, 0, shown);
      byMember.set(progress.member, bar);
      bar.update(progress.epoch, shown);
    },
    stop: () => bars.stop(),
  };
}

/** A line an epoch, for logs. */
export function lineProgress(): Progress {
  const started = performance.now();
  return {
    epoch(progress) {
      const { member, loss, validation, left } = describe(progress, started);
      process.stderr.write(
        `member ${member}, epoch ${progress.epoch}/${progress.epochs}: loss ${loss}, validation ${validation}, ${left} left\n`,
      );
    },
    stop() {},
  };
}

function describe({ member, members, epoch, epochs, loss, validation }: Epoch, started: number) {
  const seconds = (performance.now() - started) / 1000;
  return {
    member: `${member + 1}/${members}`,
    loss: loss.toFixed(4),
    validation: format(validation, validation >= 10 ? 1 : 4),
    left: `at most ${format((seconds / epoch) * (epochs - epoch))} s`,
  };
}
