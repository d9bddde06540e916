export { CHALLENGER, CHAMPION, modelNotFound } from './aliases.js';
export * from './card.js';
export * from './version.js';
