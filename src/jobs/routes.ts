import type { FastifyInstance } from 'fastify';
import { PageQuery, pageOf } from '../core/page-query.js';
import { problemResponses } from '../core/problem.js';
import { JobList, JobLog, JobQuery, ShownJob, showJob, showJobs, showLog } from './schema.js';
import type { JobService } from './service.js';

type OfJob = { Params: { job: string } };

const tags = ['jobs'];

/** Mounts the routes of jobs. @param load loads what they need, when it is needed */
export function jobRoutes(app: FastifyInstance, load: () => Promise<JobService>): void {
  app.get<{ Querystring: JobQuery }>(
    '/jobs',
    {
      schema: {
        operationId: 'listJobs',
        summary: 'List the jobs, the newest first',
        tags,
        querystring: JobQuery,
        response: { 200: JobList, ...problemResponses(400) },
      },
    },
    async ({ query }) => showJobs(await (await load()).list(query, pageOf(query))),
  );

  app.get<OfJob>(
    '/jobs/:job',
    {
      schema: {
        operationId: 'getJob',
        summary: 'Tell how a job gets on, and what came of it',
        tags,
        response: { 200: ShownJob, ...problemResponses(404) },
      },
    },
    async ({ params: { job } }) => showJob(await (await load()).get(job)),
  );

  app.get<OfJob & { Querystring: PageQuery }>(
    '/jobs/:job/log',
    {
      schema: {
        operationId: 'getJobLog',
        summary: 'Read the log of a job',
        tags,
        querystring: PageQuery,
        response: { 200: JobLog, ...problemResponses(400, 404) },
      },
    },
    async ({ params: { job }, query }) => showLog(await (await load()).log(job, pageOf(query))),
  );

  app.post<OfJob>(
    '/jobs/:job/cancel',
    {
      schema: {
        operationId: 'cancelJob',
        summary: 'Stop a job: at once when it is queued, soon when it is running',
        tags,
        response: {
          200: { ...ShownJob, description: 'It has ended; it may have done so before.' },
          202: { ...ShownJob, description: 'It will stop soon.' },
          ...problemResponses(404),
        },
      },
    },
    async ({ params: { job } }, reply) => {
      const found = await (await load()).cancel(job);
      return reply.code(found.state === 'running' ? 202 : 200).send(showJob(found));
    },
  );
}
