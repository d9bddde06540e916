import { LapidaryError } from '../../core/errors.js';
import type { AliasTarget } from '../../registry/port.js';
import type { Objects } from '../objects/objects.js';
import { AliasMoves } from './alias-moves.js';

const SAFE_NAME = /^[a-z0-9][a-z0-9-]{0,199}$/;

/** Stores the aliases of models: each as its moves, below `models/<model>/aliases/<alias>/`. */
export class StoredAliases {
  constructor(protected readonly objects: Objects) {}

  async listAliases(model: string): Promise<Map<string, AliasTarget>> {
    if (!areSafe(model)) return new Map();
    const aliases = (await this.namesOf(model)).sort();
    const targets = await Promise.all(aliases.map((alias) => this.readAlias(model, alias)));
    const entries = aliases.map((alias, i) => [alias, targets[i]] as const);
    return new Map(entries.filter((entry): entry is [string, AliasTarget] => !!entry[1]));
  }

  /** Returns whether any alias has a target; an unreadable one counts, and reading it reports the reason. */
  protected async hasAliases(model: string): Promise<boolean> {
    if (!areSafe(model)) return false;
    for (const alias of await this.namesOf(model)) {
      const last = await this.moves(model, alias)
        .last()
        .catch(() => undefined);
      if (!last || last.target) return true;
    }
    return false;
  }

  async readAlias(model: string, alias: string): Promise<AliasTarget | undefined> {
    return areSafe(model, alias) ? (await this.moves(model, alias).last()).target : undefined;
  }

  async aliasHistory(model: string, alias: string): Promise<(AliasTarget | undefined)[]> {
    return areSafe(model, alias) ? this.moves(model, alias).all() : [];
  }

  async moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void> {
    if (!areSafe(model, alias, ...(next ? [next.version] : []))) {
      throw new LapidaryError('model_not_found', `"${model}/${alias}" is not the name of an alias`);
    }
    const moves = this.moves(model, alias);
    const last = await moves.last();
    if (last.target?.version !== expected)
      throw conflict(model, alias, expected, last.target?.version);
    if (next && !(await this.hasVersion(model, next.version))) throw noVersion(model, next.version);
    if (!(await moves.add(last, next))) {
      const actual = (await moves.last()).target?.version;
      throw conflict(model, alias, expected, actual);
    }
    if (next && !(await this.hasVersion(model, next.version))) {
      // It was deleted meanwhile: the alias moves back, unless another request moved it.
      await moves.add({ ...last, number: last.number + 1 }, last.target);
      throw noVersion(model, next.version);
    }
  }

  /** @throws LapidaryError `version_in_use` when an alias points to the version */
  protected async refuseInUse(model: string, id: string): Promise<void> {
    for (const [alias, { version }] of await this.listAliases(model)) {
      if (version !== id) continue;
      throw new LapidaryError('version_in_use', `${alias} of ${model} points to version ${id}`);
    }
  }

  private async namesOf(model: string): Promise<string[]> {
    return (await this.objects.names(`models/${model}/aliases/`)).filter((name) => areSafe(name));
  }

  private hasVersion(model: string, id: string): Promise<boolean> {
    return this.objects.has(versionKey(model, id, 'version.json'));
  }

  private moves(model: string, alias: string): AliasMoves {
    return new AliasMoves(this.objects, `models/${model}/aliases/${alias}/`);
  }
}

/** Returns the key of a file of a version. @param file empty for the prefix of all */
export function versionKey(model: string, id: string, file: string): string {
  return `models/${model}/versions/${id}/${file}`;
}

/** Decides whether these can be names of models, versions or aliases, and cannot leave their directory. */
export function areSafe(...names: string[]): boolean {
  return names.every((name) => SAFE_NAME.test(name));
}

/** @throws LapidaryError `model_not_found` unless they are names of a model and a version */
export function checkNames(model: string, id: string): void {
  if (areSafe(model, id)) return;
  throw new LapidaryError('model_not_found', `"${model}/${id}" is not the name of a version`);
}

export function noVersion(model: string, id: string): LapidaryError {
  return new LapidaryError('version_not_found', `${model} has no version ${id}`);
}

export function lacks(model: string, id: string, file: string): LapidaryError {
  return new LapidaryError('version_corrupt', `version ${id} of ${model} lacks ${file}`);
}

function conflict(
  model: string,
  alias: string,
  expected: string | undefined,
  actual: string | undefined,
): LapidaryError {
  const detail = `${alias} of ${model} points to ${actual ?? 'nothing'}, not to ${expected ?? 'nothing'}`;
  return new LapidaryError('version_conflict', detail);
}
