export { CHALLENGER, CHAMPION, modelNotFound } from './aliases.js';
export type { Page, VersionSummary } from './listing.js';
export * from './version.js';
