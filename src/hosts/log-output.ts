import pino from 'pino';

/** Most that is held of a log that cannot be written: what comes beyond is dropped. */
const HELD_BYTES = 16 * 2 ** 20;

/**
 * Standard output, for the log of a host. A disk that is full behind it, or a reader that has gone, ends nothing: what
 * could not be written is tried again with what comes next.
 */
export function openLogOutput(options: { sync: boolean; minLength?: number }) {
  const output = pino.destination({ ...options, fd: 1, maxLength: HELD_BYTES });
  const flush = output.flushSync.bind(output);
  output.flushSync = () => {
    try {
      flush();
    } catch {
      // As below: it is the last line at most that is lost.
    }
  };
  // An error without a listener would end the process.
  output.on('error', () => {});
  let dropped = 0;
  output.on('drop', () => dropped++);
  output.on('write', () => {
    if (dropped === 0) return;
    const line = {
      level: 40,
      time: Date.now(),
      lines: dropped,
      msg: 'lines of the log were dropped',
    };
    dropped = 0;
    output.write(`${JSON.stringify(line)}\n`);
  });
  return output;
}
