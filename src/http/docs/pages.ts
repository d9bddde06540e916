import type { FastifyInstance } from 'fastify';
import type { Version } from '../../registry/index.js';

/** Paths of the document, for programs and for the page. */
export const DOCUMENTS: ReadonlySet<string> = new Set([
  '/openapi.json',
  '/docs/json',
  '/docs/yaml',
]);
/** Maximum pages in memory, more than there are: a page can have several paths. */
const MOST_PAGES = 100;
/** Headers of a connection or request, which are not cached. */
const UNCACHED_HEADERS = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'x-request-id',
]);

/** A cached answer. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string | string[] | number>;
  payload: Buffer;
}

/**
 * Renders and caches the pages about the API, documents once for each set of versions. They are open to all, so an answer
 * must cost next to nothing, and answers to slow clients share their bytes.
 */
export class Pages {
  private app: Promise<FastifyInstance> | undefined;
  private readonly pages = new Map<string, { state: string; page: PageAnswer }>();

  /** @param build builds the app that renders the pages @param registry has the models that the documents show */
  constructor(
    private readonly build: () => Promise<FastifyInstance>,
    private readonly registry: { loadAll(): Promise<readonly { version: Version }[]> },
  ) {}

  /** Returns a page. @param path without its query, on which no page depends */
  async read(path: string): Promise<PageAnswer> {
    const state = DOCUMENTS.has(path) ? await this.modelState() : '';
    const known = this.pages.get(path);
    if (known && known.state === state) return known.page;
    const page = await this.render(path);
    const isLasting = page.status === 200 && state !== undefined;
    if (isLasting && (known || this.pages.size < MOST_PAGES)) this.pages.set(path, { state, page });
    return page;
  }

  private async render(path: string): Promise<PageAnswer> {
    this.app ??= this.build();
    const { statusCode, headers, rawPayload } = await (await this.app).inject(path);
    const own = Object.entries(headers).filter(
      (header): header is [string, string | string[] | number] =>
        header[1] !== undefined && !UNCACHED_HEADERS.has(header[0]),
    );
    return { status: statusCode, headers: Object.fromEntries(own), payload: rawPayload };
  }

  /** Returns the versions that the documents depend on; undefined while the models cannot be loaded. */
  private async modelState(): Promise<string | undefined> {
    try {
      const models = await this.registry.loadAll();
      return models.map(({ version }) => `${version.spec.name}@${version.id}`).join();
    } catch {
      return undefined;
    }
  }
}
