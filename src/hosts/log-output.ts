import pino from 'pino';

/** Maximum bytes of log lines that are buffered while the output is blocked; further lines are dropped. */
const HELD_BYTES = 16 * 2 ** 20;

/**
 * Opens standard output for the log of a host. A full disk or a closed reader does not end the process: lines that could
 * not be written are retried with the next ones.
 * @param gather characters of lines that are written together, unless they are flushed before
 */
export function openLogOutput({ sync, gather = 0 }: { sync: boolean; gather?: number }) {
  const output = pino.destination({ sync, fd: 1, maxLength: HELD_BYTES });
  const write = output.write.bind(output);
  const writeNow = output.flushSync.bind(output);
  // Pino gathers lines itself, but measures all of them again for each that is added.
  let lines = '';
  output.write = (line) => {
    lines += line;
    if (lines.length >= gather) output.flush();
    return true;
  };
  output.flush = () => {
    const gathered = lines;
    lines = '';
    if (gathered !== '') write(gathered);
  };
  output.flushSync = () => {
    try {
      output.flush();
      writeNow();
    } catch {
      // At most the last lines are lost.
    }
  };
  // An error without a listener would end the process.
  output.on('error', () => {});
  let dropped = 0;
  output.on('drop', (text: string) => {
    dropped += text.split('\n').length - 1;
  });
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
