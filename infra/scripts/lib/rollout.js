// @ts-check
// Makes a version live: tests it on the canary first, and moves aliases back on a failure.
import { Refusal, say } from './command.js';

/**
 * @typedef {import('./functions.js').Fn} Fn
 * @typedef {import('./functions.js').Alias} Alias
 * @typedef {import('./target.js').Target} Target
 * @typedef {{ fn: Fn, version: string, canary: Alias, live: Alias }} Move a function, the version that it is to
 *   be moved to, and its aliases as they are
 */

/**
 * Returns the moves of a deployment.
 * @param {Target} target
 * @param {readonly { fn: Fn, version: string }[]} versions
 * @returns {Promise<Move[]>}
 */
export function movesTo({ live_alias, canary_alias }, versions) {
  return Promise.all(
    versions.map(async ({ fn, version }) => {
      const { [live_alias]: live, [canary_alias]: canary } = await fn.aliases();
      if (live === undefined || canary === undefined) {
        throw new Refusal(
          `${fn.name} has no alias ${live_alias} or ${canary_alias}: run deploy:up`,
        );
      }
      return { fn, version, canary, live };
    }),
  );
}

/**
 * Moves the canaries, tests them, and moves the live aliases. A failure moves all aliases back.
 * @param {Target} target
 * @param {readonly Move[]} moves
 * @param {(alias: string, version: string) => Promise<void>} smoke tests the API function behind an alias
 */
export async function rollOut(target, moves, smoke) {
  const { live_alias: live, canary_alias: canary } = target;
  const api = moves.find(({ fn }) => fn.role === 'api');
  if (api === undefined) throw new Refusal('the moves lack the API function');
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [];
  try {
    await Promise.all(
      moves.map((each) => moveAlias(each.fn, canary, each.canary, each.version, undo)),
    );
    await smoke(canary, api.version);
    say(`smoke   ${canary} answers`);
    // One after the other, in the order of the functions: the authorizer before the API.
    for (const each of moves) await moveAlias(each.fn, live, each.live, each.version, undo);
    await smoke(live, api.version);
    say(`smoke   ${live} answers`);
  } catch (error) {
    await takeBack(undo);
    throw error;
  }
}

/**
 * @param {Fn} fn @param {string} name @param {Alias} from @param {string} to
 * @param {(() => Promise<unknown>)[]} undo gets the step that moves it back
 */
async function moveAlias(fn, name, from, to, undo) {
  if (from.version === to) return;
  const now = await fn.move(name, from, to);
  say(`${name.padEnd(7)} ${fn.name}: ${from.version} -> ${to}`);
  undo.push(async () => {
    await fn.move(name, now, from.version);
    say(`${name.padEnd(7)} ${fn.name}: ${to} -> ${from.version}, moved back`);
  });
}

/** Moves back, the last first. A failing step stops no other. @param {(() => Promise<unknown>)[]} undo */
async function takeBack(undo) {
  for (const step of undo.reverse()) {
    await step().catch((/** @type {Error} */ error) => say(`NOT MOVED BACK: ${error.message}`));
  }
}
