export type { Draft } from './draft/draft.js';
export type { Hints } from './draft/reading.js';
export type { Imported, ImportOrder, ImportService } from './import/service.js';
export type { Score, TrainingEvent, Workbench } from './workbench.js';
