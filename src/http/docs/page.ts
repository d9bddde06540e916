import type { FastifySwaggerUiOptions } from '@fastify/swagger-ui';
import { DOCS_POLICY } from '../protect/headers.js';

/** Icon of the page: a cut stone. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#2a8c82" d="M9 4h14l7 9-14 16L2 13z"/><path fill="#fff" fill-opacity=".35" d="M9 4l3 9H2zm14 0l-3 9h10zM12 13h8l-4 16z"/></svg>';

/** Tags in the order of the page; the first one is open. */
export const TAGS = [
  { name: 'predictions', description: 'Predict one row, many rows, or a whole file' },
  { name: 'datasets', description: 'Rows to train on and to predict' },
  { name: 'models', description: 'Models, their features and metrics' },
  { name: 'versions', description: 'Promote, roll back, compare, try a challenger' },
  { name: 'uploads', description: 'Large batches, uploaded in parts' },
  { name: 'jobs', description: 'Trainings and batch predictions' },
  { name: 'access', description: 'Clients, keys, plans, usage' },
  { name: 'health', description: 'For operators' },
];

/** Runs in the browser once the page is loaded, and opens the first tag: the settings can only open all tags or none. */
function openFirstTag(): void {
  const { document } = globalThis as unknown as {
    document: { querySelector(selector: string): { click(): void } | null };
  };
  document.querySelector('.opblock-tag[data-is-open="false"]')?.click();
}

/** Returns the options of the page. @param transform returns the document to show */
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
      // Hides the bar that opens any other document.
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
