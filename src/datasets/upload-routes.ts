import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import { checksumOf, readBody, streamBodies } from '../api/body.js';
import { type ForRequest, optionalBody, REMOVED, routesOf } from '../api/route.js';
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
const route = routesOf('uploads', ['data']);
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
    route('startUpload', 'Start an upload in parts', { 201: Upload }, [400, 404, 409, 415], {
      body: optionalBody(UploadRequest),
    }),
    async (request, reply) => {
      const { dataset } = request.params;
      const { uploads } = await load(request);
      const upload = await uploads.start(dataset, request.body ?? {});
      reply.code(201).header('location', `/datasets/${dataset}/uploads/${upload.id}`);
      return show(uploads, { ...upload, parts: [] });
    },
  );

  app.get<OfUpload>(
    `${PATH}/:upload`,
    route('getUpload', 'Describe an upload: its limits and parts', { 200: Upload }, [404]),
    async (request) => {
      const { dataset, upload } = request.params;
      const { uploads } = await load(request);
      return show(uploads, await uploads.describe(dataset, upload));
    },
  );

  app.post<OfUpload & { Body: CompleteRequest }>(
    `${PATH}/:upload/complete`,
    route(
      'completeUpload',
      'Append the parts as one batch; repeatable',
      { 200: AppendedBatch, 201: AppendedBatch },
      [400, 404, 409, 413, 415, 422],
      { body: CompleteRequest, config: { meters: 'storedBytes', untimed: true } },
    ),
    async (request, reply) => {
      const { dataset, upload } = request.params;
      const { uploads } = await load(request);
      const appended = await uploads.complete(dataset, upload, request.body.parts);
      const { batch, created } = appended;
      reply.header('location', `/datasets/${dataset}/batches/${batch.id}`);
      reply.code(created ? 201 : 200);
      return showAppended(appended);
    },
  );

  app.delete<OfUpload>(
    `${PATH}/:upload`,
    route('abortUpload', 'Abort an upload and remove its parts', { 204: REMOVED }, [404]),
    async (request, reply) => {
      const { dataset, upload } = request.params;
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
      ...route(
        'putPart',
        'Upload a part, with its SHA-256 in Content-Digest or x-checksum-sha256',
        { 200: Part },
        [400, 404, 409, 413, 415, 422],
        {
          params: PartParams,
          headers: PartHeaders,
          body: { content: { 'application/octet-stream': { schema: PartBody } } },
          config: { streams: 'in' },
        },
      ),
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
