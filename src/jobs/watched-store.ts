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
  return {
    ...watched,
    async forgetEnded(client, most) {
      const result = await store.forgetEnded(client, most);
      for (const job of result.forgotten) await onUnneeded(job);
      return result;
    },
  };
}

function watchUnsuccessful(store: JobStore, onEnded: (job: Job) => Promise<void>): JobStore {
  return {
    async replace(next) {
      const replaced = await store.replace(next);
      if (replaced && (next.state === 'failed' || next.state === 'cancelled')) await onEnded(next);
      return replaced;
    },
    createOnce: (job) => store.createOnce(job),
    read: (id) => store.read(id),
    listOpen: () => store.listOpen(),
    forgetEnded: (client, most) => store.forgetEnded(client, most),
    list: (client, filter, page) => store.list(client, filter, page),
    takeLane: (lane, lease, now) => store.takeLane(lane, lease, now),
    leaveLane: (lane, holder) => store.leaveLane(lane, holder),
    appendLog: (id, lines) => store.appendLog(id, lines),
    readLog: (id, page) => store.readLog(id, page),
  };
}
