import { LapidaryError } from '../core/errors.js';
import type { Serving } from './alias-watch.js';
import type { ServingService } from './service.js';

/** Serves the models that all clients share to clients without a model of that name. */
export class SharedModels {
  /** Time of the last check that found no model of that name. */
  private readonly missing = new Map<string, { checkedAt: number }>();

  /** @param isDue decides whether to check again */
  constructor(
    readonly service: ServingService,
    private readonly isDue: (checked: { checkedAt: number }) => boolean,
    private readonly now: () => number,
  ) {}

  /** Returns the serving of a model that was recently found to be shared only. */
  known(model: string): Promise<Serving> | undefined {
    const checked = this.missing.get(model);
    return checked && !this.isDue(checked) ? this.service.serving(model) : undefined;
  }

  /** Returns the client's own model or, where it has none, the shared one. */
  async unless(own: Promise<Serving>, model: string, fresh: boolean): Promise<Serving> {
    try {
      const serving = await own;
      this.missing.delete(model);
      return serving;
    } catch (error) {
      if (!(error instanceof LapidaryError && error.code === 'model_not_found')) throw error;
    }
    const serving = await this.service.serving(model, fresh);
    this.missing.set(model, { checkedAt: this.now() });
    return serving;
  }

  /** Makes the next request check for a model of the client's own. @param model all by default */
  forget(model?: string): void {
    if (model === undefined) this.missing.clear();
    else this.missing.delete(model);
  }
}
