import type { Page, PageRequest } from '../api/page.js';
import { LapidaryError } from '../core/errors.js';
import type { RegistryStore } from '../registry/port.js';
import { type ListedAlias, type ListedVersion, VersionService } from '../registry/service.js';
import { Registry, type RegistryOptions, type ServedModel, type Serving } from './service.js';

/**
 * Serves a client's own models, and beside them those of another registry, which all clients share. An own
 * model comes before a shared one of its name.
 */
export class SharingRegistry extends Registry {
  /** When it was seen last that a shared model has no namesake here: its requests need not look for one. */
  private readonly onlyShared = new Map<string, number>();

  constructor(
    store: RegistryStore,
    private readonly shared: Registry,
    options: RegistryOptions = {},
  ) {
    super(store, options);
  }

  override async models(): Promise<string[]> {
    const names = await Promise.all([super.models(), this.shared.models()]);
    return [...new Set(names.flat())].sort();
  }

  override serving(model: string, fresh = false): Promise<Serving> {
    if (!fresh && this.isOnlyShared(model)) return this.shared.serving(model);
    return this.ownOrShared(model, fresh);
  }

  override async loadVersion(model: string, id: string): Promise<ServedModel> {
    const isOwn = (await this.store.listVersions(model)).length > 0;
    return isOwn ? super.loadVersion(model, id) : this.shared.loadVersion(model, id);
  }

  override async refresh(): Promise<void> {
    this.onlyShared.clear();
    await super.refresh();
  }

  override async recheck(model: string): Promise<void> {
    this.onlyShared.delete(model);
    await super.recheck(model);
  }

  private async ownOrShared(model: string, fresh: boolean): Promise<Serving> {
    try {
      const serving = await super.serving(model, fresh);
      this.onlyShared.delete(model);
      return serving;
    } catch (error) {
      if (!(error instanceof LapidaryError && error.code === 'model_not_found')) throw error;
    }
    const serving = await this.shared.serving(model, fresh);
    this.onlyShared.set(model, this.now());
    return serving;
  }

  private isOnlyShared(model: string): boolean {
    const seenAt = this.onlyShared.get(model);
    if (seenAt === undefined) return false;
    return this.checkAfter === undefined || this.now() - seenAt < this.checkAfter;
  }
}

/** Versions of a client's own models; of those that are shared it tells, and changes nothing. */
export class SharingVersionService extends VersionService {
  constructor(
    store: RegistryStore,
    registry: Registry,
    private readonly shared: VersionService,
  ) {
    super(store, registry);
  }

  override async list(model: string, page: PageRequest): Promise<Page<ListedVersion>> {
    if (await this.has(model)) return super.list(model, page);
    return this.shared.list(model, page);
  }

  override async describe(model: string, id: string) {
    if (await this.has(model)) return super.describe(model, id);
    return this.shared.describe(model, id);
  }

  override async aliases(model: string): Promise<ListedAlias[]> {
    if (await this.has(model)) return super.aliases(model);
    return this.shared.aliases(model);
  }

  override async compare(model: string, a: string, b: string) {
    if (await this.has(model)) return super.compare(model, a, b);
    return this.shared.compare(model, a, b);
  }

  override async requireOwn(model: string): Promise<void> {
    if ((await this.has(model)) || !(await this.shared.has(model))) return;
    const detail = `"${model}" is shared by all clients: it can be used, and not changed`;
    throw new LapidaryError('model_shared', detail);
  }
}
