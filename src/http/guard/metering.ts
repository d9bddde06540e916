import type { FastifyRequest, RouteOptions } from 'fastify';
import type { AccessServices } from '../../access/index.js';
import type { UsageRecord } from '../../access/port.js';
import type { Reservation } from '../../api/reservation.js';
import { sha256 } from '../../core/checksum.js';
import { LapidaryError } from '../../core/errors.js';
import { callerFields } from '../logging.js';

type Services = () => AccessServices;
type Done = (error?: Error) => void;

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** Meters a route as its policy requires. */
export function meterRoute(route: RouteOptions, services: Services): void {
  const { meters } = route.config!;
  if (meters === 'predictions') meterPredictions(route, services);
  if (meters === 'storedBytes') meterStorage(route, services);
  if (meters === 'predictionJob') admitJobs(route, services, 'predictions');
  if (meters === 'trainingJob') admitJobs(route, services, 'trainingSeconds');
}

/**
 * Limits a route to the remaining predictions of the caller's plan. Admitted predictions are counted when they are
 * concluded, or released when the request fails.
 */
function meterPredictions(route: RouteOptions, services: Services): void {
  route.preHandler = [...[route.preHandler ?? []].flat(), admit];
  route.onError = [...[route.onError ?? []].flat(), release];

  function admit(request: FastifyRequest, _reply: unknown, done: Done): void {
    if (request.caller === null) {
      done();
      return;
    }
    // Without a limit, the usage of the client does not matter.
    const limited = request.caller.plan.predictionsPerMonth !== null;
    const preparing = limited ? services().quotas.prepare(request.caller.client) : undefined;
    if (preparing)
      preparing.then(
        () => done(reserve(request, services())),
        (error) => done(unrecorded(request, error)),
      );
    else done(reserve(request, services()));
  }

  function release({ reservation }: FastifyRequest, _: unknown, _error: unknown, done: Done): void {
    reservation?.release();
    done();
  }
}

/** Instances of a request that its plan admitted. */
class PredictionReservation implements Reservation {
  private isOpen = true;

  constructor(
    private readonly request: FastifyRequest,
    private readonly instances: number,
    private readonly services: AccessServices,
  ) {}

  count(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.services.meter.count(predictionsOf(this.request, this.instances), (error) => {
        if (error) return reject(unrecorded(this.request, error));
        this.settle(true);
        resolve();
      });
    });
  }

  release(): void {
    if (this.isOpen) this.settle(false);
  }

  private settle(recorded: boolean): void {
    this.isOpen = false;
    this.services.quotas.settle(this.request.caller!.client, this.instances, recorded);
  }
}

/** Refuses a job for which the plan has nothing left, before anything is stored. */
function admitJobs(
  route: RouteOptions,
  services: Services,
  needed: 'predictions' | 'trainingSeconds',
): void {
  route.preHandler = [...[route.preHandler ?? []].flat(), admit];

  async function admit({ caller }: FastifyRequest): Promise<void> {
    if (caller === null || caller.scopes.includes('admin')) return;
    const left = await services().jobUsage.left(caller.client);
    if (left[needed] !== 0) return;
    const detail = `the monthly allowance of the plan ${caller.plan.name} is used up; a new month begins on its first day, UTC`;
    throw new LapidaryError('quota_exceeded', detail);
  }
}

/** Counts the bytes that a route has stored, before the answer is sent. */
function meterStorage(route: RouteOptions, services: Services): void {
  route.preSerialization = [...[route.preSerialization ?? []].flat(), countBytes];

  function countBytes(
    request: FastifyRequest,
    reply: { statusCode: number },
    payload: unknown,
    done: (error: Error | null, payload: unknown) => void,
  ): void {
    if (request.caller === null || reply.statusCode >= 300) {
      done(null, payload);
      return;
    }
    const { dataset } = request.params as { dataset: string };
    const batch = payload as { id: string; bytes: number; committedAt: string };
    // Repeated for a batch that exists: the process that stored it may have died before counting it.
    const { client } = request.caller;
    const id = `stored:${client}:${dataset}:${batch.id}:${batch.committedAt}`;
    const at = Date.parse(batch.committedAt);
    services().meter.count({ id, client, model: '', at, storedBytes: batch.bytes }, (error) =>
      done(error ? unrecorded(request, error) : null, payload),
    );
  }
}

/** Reserves the predictions of a request. @returns why it is refused; undefined when it may pass */
function reserve(request: FastifyRequest, services: AccessServices): LapidaryError | undefined {
  const { client, plan } = request.caller!;
  const { maxInstances, predictionsPerMonth } = plan;
  const instances = instancesOf(request);
  if (maxInstances !== null && instances > maxInstances) {
    const detail = `the plan ${plan.name} allows ${maxInstances} instances in a request; there are ${instances}`;
    return new LapidaryError('plan_exceeded', detail);
  }
  if (
    predictionsPerMonth !== null &&
    !services.quotas.reserve(client, instances, predictionsPerMonth)
  ) {
    const detail = `the plan ${plan.name} allows ${predictionsPerMonth} predictions a month, which begins on its first day, UTC; fewer than ${instances} are left`;
    return new LapidaryError('quota_exceeded', detail);
  }
  request.reservation = new PredictionReservation(request, instances, services);
  return undefined;
}

function predictionsOf(request: FastifyRequest, predictions: number): UsageRecord {
  const { client } = request.caller!;
  const { model } = request.params as { model: string };
  const record = { client, model, at: Date.now(), requests: 1, predictions };
  const given = request.headers['idempotency-key'];
  if (typeof given !== 'string' || !IDEMPOTENCY_KEY.test(given)) return record;
  // The digest prevents paying once for different requests with one idempotency key.
  return { ...record, id: `predicted:${client}:${given}:${digestOf(request)}` };
}

function digestOf({ params, body }: FastifyRequest): string {
  const bytes = body instanceof Uint8Array ? body : JSON.stringify(body);
  return sha256(`${(params as { model: string }).model}\n`, bytes);
}

/** Returns the number of instances; an image is one. */
function instancesOf({ body }: FastifyRequest): number {
  return body instanceof Uint8Array ? 1 : (body as { instances: unknown[] }).instances.length;
}

function unrecorded(request: FastifyRequest, cause: Error): LapidaryError {
  request.log.error({ err: cause, ...callerFields(request) }, 'the usage could not be recorded');
  const detail = 'the usage could not be recorded: send the request again later';
  return new LapidaryError('storage_unavailable', detail, [], { cause });
}
