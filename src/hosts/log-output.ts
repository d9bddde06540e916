import pino from 'pino';

/** Maximum bytes of log lines that are buffered while the output is blocked; further lines are dropped. */
const HELD_BYTES = 16 * 2 ** 20;

/**
 * Opens standard output for the log of a host. A full disk or a closed reader does not end the process: lines that could
 * not be written are retried with the next ones.
 */
export function openLogOutput(options: { sync: boolean; minLength?: number }) {
  const output = pino.destination({ ...options, fd: 1, maxLength: HELD_BYTES });
  const flush = output.flushSync.bind(output);
  output.flushSync = () => {
    try {
      flush();
    } catch {
      // At most the last line is lost.
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
