import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import cliProgress from 'cli-progress';
import { predictCsv, type Sink } from '../../prediction/batch.js';
import type { Registry } from '../../registry/service.js';
import { format, note } from './output.js';

export interface PredictOptions {
  /** Where the answered rows go; standard output when left out or `-`. */
  output?: string;
  /** Where rows that cannot be answered go. */
  rejects?: string;
  json?: true;
}

/**
 * Predicts each row of a CSV file.
 * @param input a path, or `-` for standard input
 * @returns whether every row was answered
 */
export async function predict(
  registry: Registry,
  model: string,
  input: string,
  { output = '-', rejects, json }: PredictOptions,
): Promise<boolean> {
  const served = await registry.champion(model);
  const source = input === '-' ? process.stdin : createReadStream(input);
  const progress = await showProgress(input);
  const answers = fileSink(output);
  const side = fileSink(rejects ?? (output === '-' ? 'rejected.csv' : `${output}.rejected.csv`));
  const started = performance.now();
  try {
    const read = progress.watch(source);
    const { rows, rejected } = await predictCsv(served, read, answers.write, side.write);
    await Promise.all([answers.end(), side.end()]);
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    if (json) note(JSON.stringify({ model, version: served.version.id, rows, rejected, seconds }));
    else {
      note(`${format(rows)} rows in ${format(seconds, 1)} s (${format(rows / seconds)} a second)`);
      if (rejected > 0) note(`${format(rejected)} rows were rejected: see ${side.path}`);
    }
    return rejected === 0;
  } finally {
    progress.stop();
  }
}

/** Opens its file when there is something to write. */
function fileSink(path: string): { path: string; write: Sink; end(): Promise<void> } {
  const open = () => (path === '-' ? process.stdout : createWriteStream(path));
  let stream: ReturnType<typeof open> | undefined;
  return {
    path,
    async write(bytes) {
      stream ??= open();
      if (!stream.write(bytes)) await once(stream, 'drain');
    },
    async end() {
      if (stream === undefined || path === '-') return;
      stream.end();
      await finished(stream);
    },
  };
}

/** A bar of the bytes read, on a terminal and where it is known how many there are. */
async function showProgress(input: string) {
  const size = input === '-' ? 0 : (await stat(input)).size;
  if (!process.stderr.isTTY || size === 0) return { watch: passOn, stop: () => {} };
  const bar = new cliProgress.SingleBar(
    { format: '|{bar}| {percentage}%  {eta_formatted} left', hideCursor: true },
    cliProgress.Presets.shades_classic,
  );
  bar.start(size, 0);
  return {
    async *watch(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bar.increment(chunk.length);
        yield chunk;
      }
    },
    stop: () => bar.stop(),
  };
}

function passOn(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return chunks;
}
