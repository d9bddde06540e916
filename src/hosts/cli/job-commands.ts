import { type Command, InvalidArgumentError, Option } from 'commander';
import { compose } from '../../compose.js';
import { readConfig } from '../../config.js';
import { OPERATOR } from '../../core/operator.js';
import { JOB_KINDS, JOB_STATES } from '../../jobs/job.js';
import type { JobListOptions } from './jobs.js';

type Options = { json?: true; client?: string };

/** Adds the commands about jobs. They work on the files in DATA_DIR, whether or not a server runs. */
export function addJobCommands(lapidary: Command): void {
  const open = async (command: Command) => {
    const { client = OPERATOR } = command.optsWithGlobals<Options>();
    return (await compose(readConfig())).workspaceOf(client).jobs();
  };

  const jobs = lapidary
    .command('jobs')
    .description('List the jobs, the newest first; see how they get on; stop them')
    .option('--client <client>', "a client's (default: the operator's)")
    .option('--model <model>', 'those of a model')
    .addOption(new Option('--kind <kind>', 'those of a kind').choices(JOB_KINDS))
    .addOption(new Option('--state <state>', 'those in a state').choices(JOB_STATES))
    .option('--limit <number>', 'how many at most', count, 20)
    .option('--json', 'print them as JSON')
    .action(async ({ client: _client, ...options }: JobListOptions & Options, command: Command) =>
      (await import('./jobs.js')).listJobs(await open(command), options),
    );
  jobs
    .command('show')
    .description('Show a job: how it gets on, what came of it')
    .argument('<id>', 'a job')
    .option('--json', 'print it as JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      (await import('./jobs.js')).tellJob(await (await open(command)).get(id), wantsJson(command)),
    );
  jobs
    .command('log')
    .description('Print the log of a job')
    .argument('<id>', 'a job')
    .option('--json', 'print each line as a line of JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      (await import('./jobs.js')).printLog(await open(command), id, wantsJson(command)),
    );
  jobs
    .command('cancel')
    .description('Stop a job: at once when it is queued, soon when it is running')
    .argument('<id>', 'a job')
    .option('--json', 'print it as JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      (await import('./jobs.js')).tellJob(
        await (await open(command)).cancel(id),
        wantsJson(command),
      ),
    );
  lapidary
    .command('worker')
    .description('Do jobs, until told to stop; for more of them than JOB_WORKERS, or elsewhere')
    .option('--job <id>', 'do this job alone; the exit code is 1 when it has failed')
    .action(async ({ job }: { job?: string }) => (await import('../worker.js')).main(job));
}

/** Both `jobs` and its commands take --json: whichever comes first gets it. */
const wantsJson = (command: Command) => (command.optsWithGlobals() as Options).json === true;

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
