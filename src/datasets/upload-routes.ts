import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { checksumOf, readBody, streamBodies } from '../api/body.js';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import { LapidaryError } from '../core/errors.js';
import type { UploadState } from './port.js';
import {
  AppendedBatch,
  CompleteRequest,
  MAX_PARTS,
  Part,
  PartBody,
  showAppended,
  Upload,
  UploadRequest,
} from './schema.js';
import type { UploadService } from './uploads.js';

type OfUpload = { Params: { dataset: string; upload: string } };

const PartParams = Type.Object({
  dataset: Type.String(),
  upload: Type.String(),
  part: Type.String({
    pattern: '^([1-9][0-9]{0,3}|10000)$',
    description: `From 1 to ${MAX_PARTS}.`,
  }),
});

/** Documents the headers of {@link checksumOf}: OpenAPI cannot require one header or another. */
const PartHeaders = Type.Object({
  'content-digest': Type.String({
    pattern: '^sha-256=:[A-Za-z0-9+/]{43}=:$',
    description:
      'SHA-256 of the transferred bytes, in base64 (RFC 9530). `x-checksum-sha256` can replace it.',
  }),
  'x-checksum-sha256': Type.Optional(
    Type.String({
      pattern: '^[0-9a-fA-F]{64}$',
      description: 'SHA-256 of the decompressed part, in hexadecimal.',
    }),
  ),
});
const tags = ['uploads'];
const PATH = '/datasets/:dataset/uploads';

/** Mounts the routes of batches that are uploaded in parts. */
export function uploadRoutes(
  app: FastifyInstance,
  load: ForRequest<Promise<{ uploads: UploadService }>>,
): void {
  const show = (uploads: UploadService, upload: UploadState) => ({
    ...upload,
    partBytes: uploads.limits.partBytes,
    maxParts: MAX_PARTS,
  });

  app.post<{ Params: { dataset: string }; Body: UploadRequest | undefined }>(
    PATH,
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'startUpload',
        summary: 'Start an upload in parts',
        tags,
        body: { content: { 'application/json': { schema: UploadRequest } } },
        response: { 201: Upload, ...problemResponses(400, 404, 409, 415) },
      },
    },
    async (request, reply) => {
      const {
        params: { dataset },
        body,
      } = request;
      const { uploads } = await load(request);
      const upload = await uploads.start(dataset, body ?? {});
      reply.code(201).header('location', `/datasets/${dataset}/uploads/${upload.id}`);
      return show(uploads, { ...upload, parts: [] });
    },
  );

  app.get<OfUpload>(
    `${PATH}/:upload`,
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'getUpload',
        summary: 'Describe an upload: its limits and parts',
        tags,
        response: { 200: Upload, ...problemResponses(404) },
      },
    },
    async (request) => {
      const {
        params: { dataset, upload },
      } = request;
      const { uploads } = await load(request);
      return show(uploads, await uploads.describe(dataset, upload));
    },
  );

  app.post<OfUpload & { Body: CompleteRequest }>(
    `${PATH}/:upload/complete`,
    {
      config: { access: ['data'], meters: 'storedBytes', untimed: true },
      schema: {
        operationId: 'completeUpload',
        summary: 'Append the parts as one batch; repeatable',
        tags,
        body: CompleteRequest,
        response: {
          200: AppendedBatch,
          201: AppendedBatch,
          ...problemResponses(400, 404, 409, 413, 415, 422),
        },
      },
    },
    async (request, reply) => {
      const {
        params: { dataset, upload },
        body,
      } = request;
      const { uploads } = await load(request);
      const appended = await uploads.complete(dataset, upload, body.parts);
      const { batch, created } = appended;
      reply.header('location', `/datasets/${dataset}/batches/${batch.id}`);
      reply.code(created ? 201 : 200);
      return showAppended(appended);
    },
  );

  app.delete<OfUpload>(
    `${PATH}/:upload`,
    {
      config: { access: ['data'] },
      schema: {
        operationId: 'abortUpload',
        summary: 'Abort an upload and remove its parts',
        tags,
        response: { 204: { type: 'null', description: 'Removed.' }, ...problemResponses(404) },
      },
    },
    async (request, reply) => {
      const {
        params: { dataset, upload },
      } = request;
      await (await load(request)).uploads.abort(dataset, upload);
      return reply.code(204).send();
    },
  );

  app.register(async (scope) => {
    streamBodies(scope);
    partRoute(scope, load);
  });
}

function partRoute(
  app: FastifyInstance,
  load: ForRequest<Promise<{ uploads: UploadService }>>,
): void {
  app.put<{ Params: OfUpload['Params'] & { part: string } }>(
    `${PATH}/:upload/parts/:part`,
    {
      config: { access: ['data'], streams: 'in' },
      schema: {
        operationId: 'putPart',
        summary: 'Upload a part, with its SHA-256 in Content-Digest or x-checksum-sha256',
        tags,
        params: PartParams,
        headers: PartHeaders,
        body: { content: { 'application/octet-stream': { schema: PartBody } } },
        response: { 200: Part, ...problemResponses(400, 404, 409, 413, 415, 422) },
      },
      // The handler describes faults better than the patterns would.
      validatorCompiler: () => (value) => ({ value }),
    },
    async (request) => {
      const { dataset, upload, part } = request.params;
      const number = /^[1-9]\d{0,5}$/.test(part) ? Number(part) : 0;
      if (number < 1 || number > MAX_PARTS) {
        const detail = `the number of a part must be from 1 to ${MAX_PARTS}, not "${part}"`;
        throw new LapidaryError('invalid_request', detail);
      }
      const checksum = checksumOf(request);
      const { uploads } = await load(request);
      return uploads.putPart(dataset, upload, number, checksum, readBody(request));
    },
  );
}
