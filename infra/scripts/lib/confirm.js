// @ts-check
import { createInterface } from 'node:readline/promises';
import { Refusal } from './command.js';

/**
 * Asks before a destructive step. Without a terminal only --yes confirms.
 * @param {string} question
 * @param {{ yes: boolean, word?: string }} options `word` to type; by default "yes"
 */
export async function confirm(question, { yes, word = 'yes' }) {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new Refusal(`${question} Without a terminal, confirm with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} Type ${word} to continue: `);
  terminal.close();
  if (answer.trim() !== word) throw new Refusal('nothing was changed');
}
