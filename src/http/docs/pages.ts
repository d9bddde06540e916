import type { FastifyInstance } from 'fastify';
import type { Version } from '../../registry/index.js';

/** The same document, as programs and as the page ask for it. */
export const DOCUMENTS: ReadonlySet<string> = new Set([
  '/openapi.json',
  '/docs/json',
  '/docs/yaml',
]);
/** More than there are: one page can be named in many ways. */
const MOST_PAGES = 100;
/** They belong to the connection that an answer goes through, or to its request. */
const NOT_OF_THE_PAGE = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'x-request-id',
]);

/** A page, as it is answered. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string | string[] | number>;
  payload: Buffer;
}

/**
 * The pages about the API. Each is made once, a document once for each set of versions: nobody is asked for a key here,
 * so an answer must cost nothing, and those that wait for a slow client must share their bytes.
 */
export class Pages {
  private app: Promise<FastifyInstance> | undefined;
  private readonly pages = new Map<string, { state: string; page: PageAnswer }>();

  /** @param build builds what makes the pages @param registry has the models that the documents show */
  constructor(
    private readonly build: () => Promise<FastifyInstance>,
    private readonly registry: { loadAll(): Promise<readonly { version: Version }[]> },
  ) {}

  /** @param path without its query: no page depends on one */
  async read(path: string): Promise<PageAnswer> {
    const state = DOCUMENTS.has(path) ? await this.modelState() : '';
    const known = this.pages.get(path);
    if (known && known.state === state) return known.page;
    const page = await this.make(path);
    const isLasting = page.status === 200 && state !== undefined;
    if (isLasting && (known || this.pages.size < MOST_PAGES)) this.pages.set(path, { state, page });
    return page;
  }

  private async make(path: string): Promise<PageAnswer> {
    this.app ??= this.build();
    const { statusCode, headers, rawPayload } = await (await this.app).inject(path);
    const own = Object.entries(headers).filter(
      (header): header is [string, string | string[] | number] =>
        header[1] !== undefined && !NOT_OF_THE_PAGE.has(header[0]),
    );
    return { status: statusCode, headers: Object.fromEntries(own), payload: rawPayload };
  }

  /** What the documents depend on; undefined while the models cannot be loaded. */
  private async modelState(): Promise<string | undefined> {
    try {
      const models = await this.registry.loadAll();
      return models.map(({ version }) => `${version.spec.name}@${version.id}`).join();
    } catch {
      return undefined;
    }
  }
}
