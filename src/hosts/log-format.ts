/** Writes a line of the log in another form. */
export type LogFormat = (line: string) => string;

/**
 * Decides the form of a log: for people on a terminal, JSON for programs anywhere else.
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
