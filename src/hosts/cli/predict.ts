import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { format } from '../../cards/index.js';
import { LapidaryError } from '../../core/errors.js';
import { missingFile } from '../../core/missing-file.js';
import { predictCsv, type Sink } from '../../prediction/index.js';
import { dialectOf, type Reading, Remarks } from '../../rows/text/reading.js';
import { readText } from '../../rows/text/text.js';
import type { ServingService } from '../../serving/service.js';
import { note } from './output.js';
import { newBars } from './progress.js';

export interface PredictOptions extends Reading {
  /** File for rows with predictions; standard output if omitted or `-`. */
  output?: string;
  /** File for rejected rows and the reasons. */
  rejects?: string;
  json?: true;
}

/**
 * Predicts each row of a CSV file.
 * @param input a path, or `-` for standard input
 * @returns whether every row was predicted
 * @throws LapidaryError `invalid_dataset` if the file is missing, `invalid_request` if two of the files are the same
 */
export async function predict(
  registry: ServingService,
  model: string,
  input: string,
  { output = '-', rejects, json, ...reading }: PredictOptions,
): Promise<boolean> {
  const served = await registry.champion(model);
  const answers = fileSink(output);
  const side = fileSink(rejects ?? (output === '-' ? 'rejected.csv' : `${output}.rejected.csv`));
  await checkPaths(input, [answers.path, side.path]);
  const source = input === '-' ? process.stdin : createReadStream(input);
  const progress = await showProgress(input);
  const remarks = new Remarks();
  const started = performance.now();
  try {
    const { rows, rejected } = await predictCsv(served, {
      input: readText(progress.watch(source), {
        format: 'csv',
        unnamed: 'windows-1252',
        onRemark: remarks.add,
        charset: reading.charset,
      }),
      dialect: dialectOf(reading),
      onRemark: remarks.add,
      output: answers.write,
      rejects: side.write,
    });
    await Promise.all([answers.end(), side.end()]);
    progress.stop();
    const seconds = (performance.now() - started) / 1000;
    if (json) {
      const result = { model, version: served.version.id, rows, rejected, seconds };
      note(JSON.stringify({ ...result, remarks: remarks.all }));
    } else {
      for (const remark of remarks.all) note(`${input}: ${remark}`);
      note(`${format(rows)} rows in ${format(seconds, 1)} s (${format(rows / seconds)} a second)`);
      if (rejected > 0) note(`${format(rejected)} rows were rejected: see ${side.path}`);
    }
    return rejected === 0;
  } finally {
    progress.stop();
  }
}

/** Refuses a file that is named twice: writing to the input would destroy it. */
async function checkPaths(input: string, outputs: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  for (const path of [input, ...outputs]) {
    if (path === '-') continue;
    const found = await stat(path).catch(() => undefined);
    if (path === input && (!found || found.isDirectory()))
      throw missingFile(path, found?.isDirectory());
    // Pipes and devices may repeat.
    if (found && !found.isFile()) continue;
    const real = found ? await realpath(path) : resolve(path);
    if (seen.has(real)) {
      const detail = `${path} is named twice: input, output and rejects must be different files`;
      throw new LapidaryError('invalid_request', detail);
    }
    seen.add(real);
  }
}

/** Creates a sink that opens its file at the first write. */
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

/** Shows a progress bar of the bytes read, on a terminal and if the size is known. */
async function showProgress(input: string) {
  const size = input === '-' ? 0 : (await stat(input)).size;
  if (!process.stderr.isTTY || size === 0)
    return { watch: (chunks: AsyncIterable<Uint8Array>) => chunks, stop: () => {} };
  const bars = newBars('|{bar}| {percentage}%  {eta_formatted} left');
  const bar = bars.create(size, 0);
  return {
    async *watch(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bar.increment(chunk.length);
        yield chunk;
      }
    },
    stop: () => bars.stop(),
  };
}
