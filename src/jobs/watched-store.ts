import type { Job, JobStore } from './port.js';

/**
 * Returns the same store, which also awaits `onFailed` for each job that is stored as failed: by a worker, its placement
 * or a host.
 */
export function watchFailures(store: JobStore, onFailed: (job: Job) => unknown): JobStore {
  return watchUnsuccessful(store, async (job) => {
    if (job.state === 'failed') await onFailed(job);
  });
}

/** Returns the same store, which also awaits `onUnneeded` for each job that failed, was cancelled or is removed. */
export function watchUnneeded(store: JobStore, onUnneeded: (job: Job) => Promise<void>): JobStore {
  const watched = watchUnsuccessful(store, onUnneeded);
  watched.forgetEnded = async (client, most) => {
    const result = await store.forgetEnded(client, most);
    for (const job of result.forgotten) await onUnneeded(job);
    return result;
  };
  return watched;
}

function watchUnsuccessful(store: JobStore, onEnded: (job: Job) => Promise<void>): JobStore {
  const watched: JobStore = Object.create(store);
  watched.replace = async (next) => {
    const replaced = await store.replace(next);
    if (replaced && (next.state === 'failed' || next.state === 'cancelled')) await onEnded(next);
    return replaced;
  };
  return watched;
}
