import { LapidaryError } from '../core/errors.js';

/** Sections of the notes of a model's authors, with their headings. */
export const NOTES = {
  use: 'Intended use',
  limits: 'Limits',
  ethics: 'Ethics',
  data: 'Data',
} as const;

export type Notes = { [About in keyof typeof NOTES]?: string };

const HEADING = /^## +(.+?) *#*$/;

/**
 * Parses notes: Markdown whose second-level headings are those of {@link NOTES}, each at most once. Text above the
 * first heading is ignored.
 * @throws LapidaryError `invalid_spec` naming an unknown or repeated heading
 */
export function parseNotes(model: string, markdown: string): Notes {
  const sections = new Map<string, string[]>();
  let heading: string | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    const next = HEADING.exec(line)?.[1];
    if (next !== undefined && sections.has(next))
      throw fault(model, `has the heading "${next}" twice`);
    if (next !== undefined) sections.set(next, []);
    else if (heading !== undefined) sections.get(heading)!.push(line);
    heading = next ?? heading;
  }
  const known = Object.entries(NOTES) as [keyof Notes, string][];
  const titles = known.map(([, title]) => title);
  const unknown = [...sections.keys()].find((title) => !titles.includes(title));
  if (unknown !== undefined)
    throw fault(model, `has the heading "${unknown}", not one of ${titles.join(', ')}`);
  const written = known.map(([about, title]) => [about, sections.get(title)?.join('\n').trim()]);
  return Object.fromEntries(written.filter(([, text]) => text));
}

function fault(model: string, detail: string): LapidaryError {
  return new LapidaryError('invalid_spec', `notes.md of "${model}" ${detail}`);
}
