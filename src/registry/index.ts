export { CHALLENGER, CHAMPION, modelNotFound } from './aliases.js';
export * from './card.js';
export type { VersionSummary } from './listing.js';
export * from './version.js';
