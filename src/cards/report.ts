import type { Answer } from '../ml/model.js';
import type { Example, Version } from '../registry/index.js';
import type { Notes } from './notes.js';
import type { Plot } from './plots/plotter.js';

/** All that a model card tells. */
export interface Report {
  version: Version;
  notes: Notes;
  /** A row that was held out, with what the version answers; none where there is no such row. */
  example?: Example & { answer: Answer };
  /** None of a version that was measured on no data. */
  plots: Plot[];
}
