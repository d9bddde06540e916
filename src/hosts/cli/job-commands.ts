import { type Command, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { JOB_KINDS } from '../../compose/job-table.js';
import { placesOf } from '../../compose/places.js';
import { LapidaryError } from '../../core/errors.js';
import { OPERATOR } from '../../core/operator.js';
import { JOB_STATES } from '../../jobs/port.js';
import type { JobService } from '../../jobs/service.js';
import type { WorkerScope } from '../worker.js';
import type { JobListOptions } from './jobs.js';
import type { WaitOptions } from './wait.js';

type Options = { json?: true; client?: string };

/** Adds the commands about jobs. They work on the files in DATA_DIR, whether or not a server runs. */
export function addJobCommands(lapidary: Command): void {
  const run = async <Done>(
    command: Command,
    work: (jobs: JobService, place: string) => Promise<Done>,
  ): Promise<Done> => {
    const { client = OPERATOR } = command.optsWithGlobals<Options>();
    const config = readConfig();
    const place = placesOf(config).jobs;
    const jobs = await (await compose(config)).workspaceOf(client).jobs();
    return work(jobs, place).catch((error) => {
      throw error instanceof LapidaryError && error.code === 'job_not_found'
        ? new LapidaryError(error.code, `${error.message} in ${place}`)
        : error;
    });
  };

  const jobs = lapidary
    .command('jobs')
    .description('List jobs, newest first; show, wait for and cancel them')
    .option('--client <client>', 'jobs of this client (default: the operator)')
    .option('--model <model>', 'jobs of this model')
    .addOption(new Option('--kind <kind>', 'jobs of this kind').choices(JOB_KINDS))
    .addOption(new Option('--state <state>', 'jobs in this state').choices(JOB_STATES))
    .option('--parent <id>', 'parts of this job')
    .option('--limit <number>', 'maximum number of jobs', count, 20)
    .option('--json', 'print them as JSON')
    .action(async ({ client: _client, ...options }: JobListOptions & Options, command: Command) =>
      run(command, async (jobs, place) =>
        (await import('./jobs.js')).listJobs(jobs, place, options),
      ),
    );
  jobs
    .command('show')
    .description('Show a job: its progress and its result')
    .argument('<id>', 'a job')
    .option('--json', 'print it as JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      run(command, async (jobs) =>
        (await import('./jobs.js')).printJob(await jobs.get(id), wantsJson(command)),
      ),
    );
  jobs
    .command('log')
    .description('Print the log of a job')
    .argument('<id>', 'a job')
    .option('--json', 'print each line as a line of JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      run(command, async (jobs) =>
        (await import('./jobs.js')).printLog(jobs, id, wantsJson(command)),
      ),
    );
  jobs
    .command('cancel')
    .description('Cancel a job: at once if queued, within seconds if running')
    .argument('<id>', 'a job')
    .option('--json', 'print it as JSON')
    .action(async (id: string, _options: Options, command: Command) =>
      run(command, async (jobs) =>
        (await import('./jobs.js')).printJob(await jobs.cancel(id), wantsJson(command)),
      ),
    );
  jobs
    .command('wait')
    .description('Wait until jobs have ended, and show them; all that are open when none is named')
    .argument('[ids...]', 'jobs')
    .option('--timeout <seconds>', 'how long to wait (default: any time)', count)
    .option('--json', 'print each as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 when all succeeded, 1 when one failed, 3 when one was cancelled or is still open.',
    )
    .action(async (ids: string[], { timeout }: WaitOptions, command: Command) => {
      const { waitForJobs } = await import('./wait.js');
      const options: WaitOptions = {
        ...(timeout !== undefined && { timeout }),
        ...(wantsJson(command) && { json: true }),
      };
      process.exitCode = await run(command, (jobs) => waitForJobs(jobs, ids, options));
    });
  lapidary
    .command('worker')
    .description('Run jobs until stopped, in addition to JOB_WORKERS or on another machine')
    .option('--job <id>', 'run only this job; exit code 1 if it fails')
    .addOption(new Option('--kind <kind>', 'run only jobs of this kind').choices(JOB_KINDS))
    .action(async (scope: WorkerScope) => (await import('../worker.js')).main(scope));
}

/** Both `jobs` and its commands take --json: whichever comes first gets it. */
const wantsJson = (command: Command) => (command.optsWithGlobals() as Options).json === true;

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}
