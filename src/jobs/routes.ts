import type { FastifyInstance } from 'fastify';
import { COUNT, type PageQuery, pageQuery, pageRequest } from '../api/page.js';
import { type ForRequest, routesOf } from '../api/route.js';
import { JobList, JobLog, type JobQuery, jobQuery, ShownJob, showJob, showJobs } from './schema.js';
import type { JobService } from './service.js';

type OfJob = { Params: { job: string } };

const route = routesOf('jobs', ['predict', 'train']);

/** Mounts the routes of jobs. @param kinds of jobs @param load opens the service on first use */
export function jobRoutes(
  app: FastifyInstance,
  kinds: readonly string[],
  load: ForRequest<Promise<JobService>>,
): void {
  app.get<{ Querystring: JobQuery }>(
    '/jobs',
    route('listJobs', 'List the jobs, the newest first', { 200: JobList }, [400, 404], {
      querystring: jobQuery(kinds),
    }),
    async (request) => {
      const { query } = request;
      return showJobs(await (await load(request)).list(query, pageRequest(query)));
    },
  );

  app.get<OfJob>(
    '/jobs/:job',
    route('getJob', 'Describe a job: its progress and its result', { 200: ShownJob }, [404]),
    async (request) => showJob(await (await load(request)).get(request.params.job)),
  );

  app.get<OfJob & { Querystring: PageQuery }>(
    '/jobs/:job/log',
    route('getJobLog', 'Read the log of a job', { 200: JobLog }, [400, 404], {
      querystring: pageQuery(COUNT),
    }),
    async (request) => (await load(request)).log(request.params.job, pageRequest(request.query)),
  );

  app.post<OfJob>(
    '/jobs/:job/cancel',
    route(
      'cancelJob',
      'Cancel a job: at once when it is queued, soon when it is running',
      {
        200: { ...ShownJob, description: 'The job has ended, now or before.' },
        202: { ...ShownJob, description: 'The job will stop soon.' },
      },
      [404],
    ),
    async (request, reply) => {
      const job = await (await load(request)).cancel(request.params.job);
      return reply.code(job.state === 'running' ? 202 : 200).send(showJob(job));
    },
  );
}
