/** Formats a line of the log. */
export type LogFormat = (line: string) => string;

/**
 * Chooses the format of the log: readable on a terminal, JSON anywhere else.
 * @param setting `auto`, `json` or `text`
 * @returns undefined for JSON
 */
export async function logFormat(setting: string): Promise<LogFormat | undefined> {
  const isTerminal = process.stdout.isTTY === true;
  if (setting === 'json' || (setting === 'auto' && !isTerminal)) return undefined;
  const { default: pretty } = await import('pino-pretty');
  return pretty.prettyFactory({
    colorize: isTerminal,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  }) as LogFormat;
}
