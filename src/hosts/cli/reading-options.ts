import { type Command, Option } from 'commander';

export const CHARSET_HELP =
  'charset of the data, such as macintosh or gbk (default: UTF-8, else windows-1252)';
const DECIMAL_HELP = 'decimal mark (default: detected)';

/** Adds the options for the charset and the delimiter of a CSV file. */
export function addFileOptions(command: Command): Command {
  return command
    .option('--charset <name>', CHARSET_HELP)
    .option('--delimiter <character>', 'field separator (default: detected)');
}

/** Adds the option for the decimal mark of all numbers of a file. */
export function addDecimalOption(command: Command): Command {
  return command.addOption(
    new Option('--decimal <mark>', DECIMAL_HELP).choices(['point', 'comma']),
  );
}
