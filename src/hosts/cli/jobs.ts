import { type Command, InvalidArgumentError, Option } from 'commander';
import { JOB_KINDS } from '../../compose/capabilities.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { placesOf } from '../../compose/places.js';
import { LapidaryError } from '../../core/errors.js';
import { OPERATOR } from '../../core/operator.js';
import { JOB_STATES, type JobFilter } from '../../jobs/port.js';
import { showJobs } from '../../jobs/schema.js';
import type { JobService } from '../../jobs/service.js';
import type { WorkerScope } from '../worker.js';
import { allPages } from './all-pages.js';
import { printJob, stateOf, timeOf } from './job.js';
import { print, printJson, printTable } from './output.js';
import { waitForJobs } from './wait.js';

type Options = { json?: true; client?: string };

/** Adds the commands about jobs. They work on the files in DATA_DIR, whether or not a server runs. */
export function addJobCommands(lapidary: Command): void {
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
    .action(({ client: _client, ...options }: Options & ListOptions, command: Command) =>
      withJobs(command, (service, place) => listJobs(service, place, options)),
    );
  const ofJob = (
    name: string,
    description: string,
    json: string,
    run: (service: JobService, id: string, json: boolean) => Promise<void>,
  ) =>
    jobs
      .command(name)
      .description(description)
      .argument('<id>', 'a job')
      .option('--json', json)
      .action((id: string, _options: Options, command: Command) =>
        withJobs(command, (service) => run(service, id, wantsJson(command))),
      );
  ofJob(
    'show',
    'Show a job: its progress and its result',
    'print it as JSON',
    async (service, id, json) => printJob(await service.get(id), json),
  );
  ofJob(
    'log',
    'Print the log of a job',
    'print each line as a line of JSON',
    async (service, id, json) => {
      for (const line of await allPages((page) => service.log(id, page)))
        print(json ? JSON.stringify(line) : `${line.at} ${line.message}`);
    },
  );
  ofJob(
    'cancel',
    'Cancel a job: at once if queued, within seconds if running',
    'print it as JSON',
    async (service, id, json) => printJob(await service.cancel(id), json),
  );
  jobs
    .command('wait')
    .description('Wait until jobs end, and show them; all open jobs when none is named')
    .argument('[ids...]', 'jobs')
    .option('--timeout <seconds>', 'how long to wait (default: unlimited)', count)
    .option('--json', 'print each as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 if all succeeded, 1 if one failed, 3 if one was cancelled or is still open.',
    )
    .action(async (ids: string[], options: { timeout?: number }, command: Command) => {
      const waiting = { ...options, json: wantsJson(command) };
      process.exitCode = await withJobs(command, (service) => waitForJobs(service, ids, waiting));
    });
  lapidary
    .command('worker')
    .description('Run jobs until stopped, in addition to JOB_WORKERS or on another machine')
    .option('--job <id>', 'run only this job; exit code 1 if it fails')
    .addOption(new Option('--kind <kind>', 'run only jobs of this kind').choices(JOB_KINDS))
    .action(async (scope: WorkerScope) => (await import('../worker.js')).main(scope));
}

async function withJobs<Done>(
  command: Command,
  run: (service: JobService, place: string) => Promise<Done>,
): Promise<Done> {
  const { client = OPERATOR } = command.optsWithGlobals<Options>();
  const config = readConfig();
  const place = placesOf(config).jobs;
  const service = await (await compose(config)).workspaceOf(client).jobs();
  return run(service, place).catch((error) => {
    throw error instanceof LapidaryError && error.code === 'job_not_found'
      ? new LapidaryError(error.code, `${error.message} in ${place}`)
      : error;
  });
}

/** Both `jobs` and its commands accept --json: the first one on the line gets it. */
const wantsJson = (command: Command) => command.optsWithGlobals<Options>().json === true;

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

type ListOptions = JobFilter & { limit: number; json?: true };

async function listJobs(
  service: JobService,
  place: string,
  { limit, json, ...filter }: ListOptions,
): Promise<void> {
  const page = await service.list(filter, { limit });
  if (json) return printJson(showJobs(page));
  if (page.items.length === 0) {
    const wanted = Object.entries(filter).map(([name, value]) => ` of ${name} ${value}`);
    return print(`No jobs${wanted.join('')} in ${place}`);
  }
  const rows = page.items.map((job) => [
    job.id,
    job.kind,
    job.model,
    stateOf(job),
    timeOf(job.submittedAt),
  ]);
  printTable(['job', 'kind', 'model', 'state', 'submitted'], rows);
}
