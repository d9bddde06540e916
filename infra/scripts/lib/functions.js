// @ts-check
// The functions of an environment in Lambda: images, published versions, aliases.
import { aws } from './aws.js';
import { Refusal } from './command.js';

/** @typedef {{ version: string, revision: string }} Alias */

/** A function, with the operations of a deployment. */
export class Fn {
  /** @param {string} region @param {string} role api, trainer or authorizer @param {string} name */
  constructor(region, role, name) {
    this.region = region;
    this.role = role;
    this.name = name;
  }

  /** @param {string} operation one or more words @param {...string} args */
  #ask(operation, ...args) {
    return aws(
      this.region,
      'lambda',
      ...operation.split(' '),
      '--function-name',
      this.name,
      ...args,
    );
  }

  /** @param {string} qualifier a version or an alias @returns {Promise<string>} its image, by digest */
  async image(qualifier) {
    const { Code } = await this.#ask('get-function', '--qualifier', qualifier);
    return Code.ResolvedImageUri ?? Code.ImageUri;
  }

  /** Updates the unpublished state of the function to an image. @param {string} image by digest */
  async update(image) {
    await this.#ask('update-function-code', '--image-uri', image);
    await this.#ask('wait function-updated-v2');
  }

  /** @param {string} description @returns {Promise<string>} the version; the last one if nothing has changed */
  async publish(description) {
    const { Version, State } = await this.#ask('publish-version', '--description', description);
    if (State !== 'Active')
      await this.#ask('wait published-version-active', '--qualifier', Version);
    return Version;
  }

  /** @returns {Promise<number[]>} published versions, the newest first */
  async versions() {
    const { Versions } = await this.#ask('list-versions-by-function');
    const numbers = Versions.map((/** @type {{ Version: string }} */ { Version }) =>
      Number(Version),
    );
    return numbers
      .filter(Number.isInteger)
      .sort((/** @type {number} */ a, /** @type {number} */ b) => b - a);
  }

  /** @returns {Promise<Record<string, Alias>>} the aliases by name */
  async aliases() {
    const { Aliases } = await this.#ask('list-aliases');
    return Object.fromEntries(
      Aliases.map((/** @type {Record<string, string>} */ { Name, FunctionVersion, RevisionId }) => [
        Name,
        { version: FunctionVersion, revision: RevisionId },
      ]),
    );
  }

  /**
   * Moves an alias that has not changed since it was read: of two concurrent deployments, one is refused.
   * @param {string} name @param {Alias} from @param {string} to
   * @returns {Promise<Alias>} the alias after the move
   */
  async move(name, from, to) {
    if (from.version === to) return from;
    const where = ['--name', name, '--function-version', to, '--revision-id', from.revision];
    const moved = await this.#ask('update-alias', ...where);
    return { version: moved.FunctionVersion, revision: moved.RevisionId };
  }
}

/**
 * @param {import('./target.js').Target} target
 * @returns {Fn[]} in the order in which they go live: authorizer, API, trainer
 */
export function functionsOf({ env, region, functions }) {
  const order = ['authorizer', 'api', 'trainer'];
  const roles = Object.keys(functions).sort((a, b) => order.indexOf(a) - order.indexOf(b));
  if (functions.api === undefined) {
    throw new Refusal(
      `${env} has no functions yet: push an image, then run npm run deploy:up -- --env ${env}`,
    );
  }
  return roles.map((role) => new Fn(region, role, functions[role] ?? ''));
}
