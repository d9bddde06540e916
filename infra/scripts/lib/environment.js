// @ts-check

/** The environments by branch. Other branches are not deployed. */
const BRANCHES = new Map([
  ['refs/heads/dev', 'dev'],
  ['refs/heads/main', 'prd'],
]);

/**
 * Returns the environment to which a GitHub event deploys.
 * @param {{ event: string, ref: string, repository: string, owner: string }} happened `owner` is the only
 *   repository that deploys: workflows of a fork have the name of the fork
 * @returns {string | undefined} undefined if the event does not deploy
 */
export function environmentFor({ event, ref, repository, owner }) {
  if (event !== 'push' || repository !== owner) return undefined;
  return BRANCHES.get(ref);
}
