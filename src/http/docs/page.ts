import type { FastifySwaggerUiOptions } from '@fastify/swagger-ui';
import { DOCS_POLICY } from '../protect/headers.js';

/** A cut stone. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#2a8c82" d="M9 4h14l7 9-14 16L2 13z"/><path fill="#fff" fill-opacity=".35" d="M9 4l3 9H2zm14 0l-3 9h10zM12 13h8l-4 16z"/></svg>';

/** The tags in the order of the page: what most come for is first, and open. */
export const TAGS = [
  { name: 'predictions', description: 'Ask a model: one row, many rows, a whole file' },
  { name: 'datasets', description: 'Rows to train on and to predict' },
  { name: 'models', description: 'Which models there are, and how good they are' },
  { name: 'versions', description: 'Promote, roll back, compare, try a challenger' },
  { name: 'uploads', description: 'Large batches, in parts' },
  { name: 'jobs', description: 'Trainings and batch predictions' },
  { name: 'access', description: 'Clients, keys, plans, usage' },
  { name: 'health', description: 'For operators' },
];

/**
 * Runs in the browser, when the page is there: opens the tag that is first. The page's own settings open all tags
 * or none.
 */
function openFirstTag(): void {
  const { document } = globalThis as unknown as {
    document: { querySelector(selector: string): { click(): void } | null };
  };
  document.querySelector('.opblock-tag[data-is-open="false"]')?.click();
}

/** Returns how the page looks. @param transform makes the document that it shows */
export function docsPage(
  transform: NonNullable<FastifySwaggerUiOptions['transformSpecification']>,
): FastifySwaggerUiOptions {
  return {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    theme: {
      title: 'Lapidary',
      favicon: [
        {
          filename: 'icon.svg',
          rel: 'icon',
          sizes: 'any',
          type: 'image/svg+xml',
          content: ICON,
        },
      ],
    },
    uiConfig: {
      // Without the bar of a tool that opens any document.
      layout: 'BaseLayout',
      docExpansion: 'none',
      defaultModelsExpandDepth: -1,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      onComplete: openFirstTag,
    },
    transformSpecification: transform,
  };
}
