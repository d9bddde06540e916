export * from './format.js';
export { parseNotes } from './notes.js';
export { cardPage, plotFile } from './page.js';
export { createPlotter, type Plot } from './plots/plotter.js';
export type { Report } from './report.js';
export { verdict } from './verdict.js';
