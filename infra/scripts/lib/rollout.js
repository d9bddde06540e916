// @ts-check
// How a version goes live: it is tried on the canary first, and what fails is taken back.
import { Refusal, say } from './command.js';

/**
 * @typedef {import('./functions.js').Fn} Fn
 * @typedef {import('./functions.js').Alias} Alias
 * @typedef {import('./target.js').Target} Target
 * @typedef {{ fn: Fn, version: string, canary: Alias, live: Alias }} Move a function, the version that it is to
 *   be moved to, and its aliases as they are
 */

/**
 * What there is to move.
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
 * Moves the canaries, tries them, and moves what is live. When it goes wrong, all is as it was before.
 * @param {Target} target
 * @param {readonly Move[]} moves
 * @param {(alias: string, version: string) => Promise<void>} smoke asks the API function behind an alias
 */
export async function rollOut(target, moves, smoke) {
  const { live_alias: live, canary_alias: canary } = target;
  const api = moves.find(({ fn }) => fn.role === 'api');
  if (api === undefined) throw new Refusal('the functions to move do not include the API function');
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [];
  try {
    await Promise.all(
      moves.map((each) => moveAlias(each.fn, canary, each.canary, each.version, undo)),
    );
    await smoke(canary, api.version);
    say(`smoke   ${canary} answers`);
    // One after the other, in the order of the functions: who lets callers in is there before what they call.
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
 * @param {(() => Promise<unknown>)[]} undo what takes it back is added to it
 */
async function moveAlias(fn, name, from, to, undo) {
  if (from.version === to) return;
  const now = await fn.move(name, from, to);
  say(`${name.padEnd(7)} ${fn.name}: ${from.version} -> ${to}`);
  undo.push(async () => {
    await fn.move(name, now, from.version);
    say(`${name.padEnd(7)} ${fn.name}: ${to} -> ${from.version}, taken back`);
  });
}

/** The last first; one that fails keeps none of the others. @param {(() => Promise<unknown>)[]} undo */
async function takeBack(undo) {
  for (const step of undo.reverse()) {
    await step().catch((/** @type {Error} */ error) => say(`NOT TAKEN BACK: ${error.message}`));
  }
}
