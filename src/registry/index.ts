export { CHALLENGER, CHAMPION, modelNotFound } from './aliases.js';
export type { VersionSummary } from './listing.js';
export * from './version.js';
