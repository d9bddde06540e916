import { describeParity, format, metricsTable } from '../../cards/index.js';
import type { TrainingEvent, Workbench } from '../../training/index.js';
import { note, print, warnOfFallback } from './output.js';
import { barProgress, lineProgress } from './progress.js';

/** Milliseconds after Ctrl-C that a training gets to remove its scratch files. */
const GRACE_MS = 1500;
/** Exit code of a process that SIGINT ends. */
const INTERRUPTED = 130;

type Published = Extract<TrainingEvent, { event: 'published' }>;

/**
 * Trains a model, shows its progress and prints its metrics.
 * @param known remarks on the data that are already printed
 */
export async function train(
  training: Workbench,
  model: string,
  json: boolean,
  known: readonly string[] = [],
): Promise<Published> {
  const progress = process.stderr.isTTY ? barProgress() : lineProgress();
  let published: Published | undefined;
  const onEvent = (event: TrainingEvent) => {
    if (event.event === 'published') published = event;
    if (json) return print(JSON.stringify(event));
    if (event.event === 'epoch') return progress.epoch(event);
    progress.stop();
    describe(model, event, known);
  };
  const interrupt = new AbortController();
  const onInterrupt = () => {
    interrupt.abort();
    setTimeout(() => endInterrupted(model), GRACE_MS);
  };
  process.once('SIGINT', onInterrupt);
  try {
    await training.train(model, onEvent, interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.stop();
    endInterrupted(model);
  } finally {
    process.off('SIGINT', onInterrupt);
    progress.stop();
  }
  return published!;
}

function endInterrupted(model: string): never {
  note(`interrupted: no version of ${model} was published`);
  process.exit(INTERRUPTED);
}

function describe(
  model: string,
  event: Exclude<TrainingEvent, { event: 'epoch' }>,
  known: readonly string[],
): void {
  if (event.event === 'read') {
    const { origin, trainingRows, testRows, remarks } = event;
    for (const remark of remarks.filter((one) => !known.includes(one)))
      print(`${origin}: ${remark}`);
    print(`${origin}: ${format(trainingRows)} rows to train on, ${format(testRows)} held out`);
    return;
  }
  const { metrics, remarks = [], parity, fallback, training } = event.card;
  print(`\n${metricsTable({ [model]: metrics.test, ...metrics.baselines })}\n`);
  for (const remark of remarks) print(`NOTE: ${remark}`);
  const seconds = format(training.durationSeconds);
  print(`version ${event.version}, trained in ${seconds} s (${training.backend})`);
  if (parity) print(describeParity(parity));
  if (fallback !== undefined) warnOfFallback(model, fallback);
}
