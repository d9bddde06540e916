import { Buffer } from 'node:buffer';
import type { Spec } from '../ml/spec.js';
import type { CardData } from './card-data.js';
import { code, codeBlock, plain } from './markdown.js';

/** Writes a request to paste, its answer, and the true target. */
export function exampleSection({ version, example }: CardData): string {
  if (!example) return 'No row was held out to show.';
  const { name, target } = version.spec;
  const body = JSON.stringify({ instances: [shorten(version.spec, example.instance)] });
  const predictions = [{ id: '…', ...example.answer }];
  const truth =
    typeof example.target === 'string'
      ? code(example.target)
      : `${example.target}${target.unit === undefined ? '' : ` ${plain(target.unit)}`}`;
  return [
    `A held-out row. Start the server (${code('npm start')}), then:`,
    codeBlock(
      'sh',
      [
        `curl -s http://127.0.0.1:8080/models/${name}/predictions \\`,
        `  -H 'content-type: application/json' \\`,
        `  -d '${body.replaceAll("'", `'\\''`)}'`,
      ].join('\n'),
    ),
    codeBlock('json', JSON.stringify({ model: name, version: version.id, predictions })),
    `Each prediction has its own ${code('id')}. The truth is ${truth}.`,
  ].join('\n\n');
}

/** Converts images to base64, which is shorter than lists of pixels. */
function shorten(spec: Spec, instance: Record<string, unknown>): Record<string, unknown> {
  const images = spec.features.filter(({ kind }) => kind === 'image').map(({ name }) => name);
  const base64 = (pixels: unknown) => Buffer.from((pixels as number[][]).flat()).toString('base64');
  return Object.fromEntries(
    Object.entries(instance).map(([name, value]) => [
      name,
      images.includes(name) ? base64(value) : value,
    ]),
  );
}
