import type { Answer } from '../ml/model.js';
import type { Example, Version } from '../registry/index.js';
import type { Notes } from './notes.js';
import type { Plot } from './plots/plotter.js';

/** The content of a model card. */
export interface CardData {
  version: Version;
  notes: Notes;
  /** A held-out row with the version's answer; undefined without held-out rows. */
  example?: Example & { answer: Answer };
  /** Empty for a version that was not scored. */
  plots: Plot[];
}
