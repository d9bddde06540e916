// @ts-check

/** The branches that are deployed, and where to. All else is deployed nowhere. */
const BRANCHES = new Map([
  ['refs/heads/dev', 'dev'],
  ['refs/heads/main', 'prd'],
]);

/**
 * Which environment something that has happened on GitHub is deployed to.
 * @param {{ event: string, ref: string, repository: string, owner: string }} happened `owner` is the only
 *   repository that deploys: workflows of a fork run there under the fork's own name
 * @returns {string | undefined} none: nothing is deployed
 */
export function environmentFor({ event, ref, repository, owner }) {
  if (event !== 'push' || repository !== owner) return undefined;
  return BRANCHES.get(ref);
}
