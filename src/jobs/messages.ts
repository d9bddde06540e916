import type { Job } from './job.js';

/** What a process that does jobs is told by the one that started it: look for some now. */
export const WAKE = 'wake';

/** What it tells: a model may have another version now. */
export interface Trained {
  trained: Pick<Job, 'client' | 'model'>;
}
