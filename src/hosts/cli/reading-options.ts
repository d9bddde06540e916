import { type Command, Option } from 'commander';

export const CHARSET_HELP =
  'charset of the data, such as macintosh or gbk (default: UTF-8, else windows-1252)';
const DECIMAL_HELP = 'what stands before decimals (default: found out)';

/** Adds the options that say how the bytes of a CSV file are written. */
export function addFileOptions(command: Command): Command {
  return command
    .option('--charset <name>', CHARSET_HELP)
    .option('--delimiter <character>', 'what stands between fields (default: found out)');
}

/** Adds the option that says how all its numbers are written. */
export function addDecimalOption(command: Command): Command {
  return command.addOption(
    new Option('--decimal <mark>', DECIMAL_HELP).choices(['point', 'comma']),
  );
}
