export type { CardData } from './card-data.js';
export * from './format.js';
export { parseNotes } from './notes.js';
export { cardPage, plotFile } from './page.js';
export { createPlotter, type Plot } from './plots/plotter.js';
export { verdict } from './verdict.js';
