import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import { COUNT, type PageQuery, pageQuery, pageRequest } from '../api/page.js';
import { problemResponses } from '../api/problem.js';
import { JobList, JobLog, type JobQuery, jobQuery, ShownJob, showJob, showJobs } from './schema.js';
import type { JobService } from './service.js';

type OfJob = { Params: { job: string } };

const tags = ['jobs'];

/** Mounts the routes of jobs. @param kinds of the table @param load loads what they need when it is needed */
export function jobRoutes(
  app: FastifyInstance,
  kinds: readonly string[],
  load: ForRequest<Promise<JobService>>,
): void {
  app.get<{ Querystring: JobQuery }>(
    '/jobs',
    {
      config: { access: ['predict', 'train'] },
      schema: {
        operationId: 'listJobs',
        summary: 'List the jobs, the newest first',
        tags,
        querystring: jobQuery(kinds),
        response: { 200: JobList, ...problemResponses(400, 404) },
      },
    },
    async (request) => {
      const { query } = request;
      return showJobs(await (await load(request)).list(query, pageRequest(query)));
    },
  );

  app.get<OfJob>(
    '/jobs/:job',
    {
      config: { access: ['predict', 'train'] },
      schema: {
        operationId: 'getJob',
        summary: 'Show a job: its progress and its result',
        tags,
        response: { 200: ShownJob, ...problemResponses(404) },
      },
    },
    async (request) => {
      const {
        params: { job },
      } = request;
      return showJob(await (await load(request)).get(job));
    },
  );

  app.get<OfJob & { Querystring: PageQuery }>(
    '/jobs/:job/log',
    {
      config: { access: ['predict', 'train'] },
      schema: {
        operationId: 'getJobLog',
        summary: 'Read the log of a job',
        tags,
        querystring: pageQuery(COUNT),
        response: { 200: JobLog, ...problemResponses(400, 404) },
      },
    },
    async (request) => {
      const {
        params: { job },
        query,
      } = request;
      return (await load(request)).log(job, pageRequest(query));
    },
  );

  app.post<OfJob>(
    '/jobs/:job/cancel',
    {
      config: { access: ['predict', 'train'] },
      schema: {
        operationId: 'cancelJob',
        summary: 'Cancel a job: at once when it is queued, soon when it is running',
        tags,
        response: {
          200: { ...ShownJob, description: 'It has ended; it may have done so before.' },
          202: { ...ShownJob, description: 'It will stop soon.' },
          ...problemResponses(404),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { job },
      } = request;
      const found = await (await load(request)).cancel(job);
      return reply.code(found.state === 'running' ? 202 : 200).send(showJob(found));
    },
  );
}
