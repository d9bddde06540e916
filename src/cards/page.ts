import type { CardData } from './card-data.js';
import { exampleSection } from './example.js';
import { featureTable } from './features.js';
import { figuresSection } from './figures.js';
import { describeParity, format } from './format.js';
import { code, plain } from './markdown.js';
import { NOTES, type Notes } from './notes.js';
import type { Plot } from './plots/plotter.js';
import { dataSection, reproduction, trainingSection } from './training.js';

/** Returns the name of a plot's file, beside the page. */
export function plotFile(model: string, { name }: Plot): string {
  return `${model}-${name}.svg`;
}

/** Writes a model card as a page of Markdown, from the version, its data and the notes alone. */
export function cardPage(data: CardData): string {
  const { version, notes, plots } = data;
  const { spec, card, encoding } = version;
  const { name } = spec;
  const sections = [
    `<!-- Written by "npm run cards". The authors' notes are in model/${name}/notes.md. -->`,
    `# ${plain(spec.title)}`,
    `${plain(spec.description)} Model ${code(name)}, version ${code(version.id)}, a ${spec.task}.`,
    '## What it predicts',
    predicted(data),
    `## ${NOTES.use}`,
    noteOn(notes, 'use', name),
    `## ${NOTES.limits}`,
    noteOn(notes, 'limits', name),
    `## ${NOTES.ethics}`,
    noteOn(notes, 'ethics', name),
    '## Features',
    featureTable(spec, encoding),
    `## ${NOTES.data}`,
    ...(notes.data ? [notes.data] : []),
    dataSection(card),
    '## How good it is',
    figuresSection(data),
    ...plots.map((plot) => `![${plain(plot.title)}](${plotFile(name, plot)})\n\n${plot.caption}`),
    '## Training',
    trainingSection(version),
    '## Parity',
    parity(data),
    '## Reproduce it',
    reproduction(version),
    '## Try it',
    exampleSection(data),
    '---',
    'The headings follow Mitchell et al., “[Model Cards for Model Reporting](https://arxiv.org/abs/1810.03993)”, 2019.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function predicted({ version: { spec } }: CardData): string {
  const { name, description, unit, classes, above } = spec.target;
  const what = [
    `${code(name)}${description ? `: ${plain(description)}` : ''}`,
    classes
      ? `One of ${classes.map(code).join(', ')}, with the probability of each.`
      : `A number${unit ? `, in ${plain(unit)}` : ''}.`,
    above !== undefined && classes
      ? `The data has a number: above ${above}${unit ? ` ${plain(unit)}` : ''} it is ${code(classes[1]!)}, else ${code(classes[0]!)}.`
      : '',
  ];
  return what.filter(Boolean).join('\n\n');
}

function noteOn(notes: Notes, about: keyof typeof NOTES, model: string): string {
  const [heading, file] = [code(`## ${NOTES[about]}`), code(`model/${model}/notes.md`)];
  return notes[about] ?? `Not written yet: add it under ${heading} to ${file}.`;
}

function parity({ version: { card } }: CardData): string {
  if (card.fallback)
    return `TensorFlow.js serves this version, since the compiled plan cannot: ${plain(card.fallback)}`;
  if (!card.parity) return 'The compiled plan was not compared with TensorFlow.js.';
  const { rows, source } = card.parity;
  const which = source === undefined ? 'test rows' : `rows (${plain(source)})`;
  const rule =
    card.parity.planError === undefined
      ? ''
      : ', measured against a 64-bit evaluation of the same network. The plan serves if its largest error is at ' +
        "most four times TensorFlow.js' own plus 1e-6 of the scale";
  return `Over ${format(rows)} ${which} ${describeParity(card.parity)}${rule}.`;
}
