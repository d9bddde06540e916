import { canonicalJson, sha256 } from '../core/checksum.js';
import { CODE_VERSION } from '../core/code-version.js';
import type { TrainableSpec } from '../ml/spec.js';
import type { Lineage } from '../registry/index.js';
import type { DataSource } from '../rows/source.js';
import type { SearchOrder } from './search/search.js';

export type LineageData = Lineage['data'];

/** Identifies the data of a dataset by its batches; undefined for other data, which must be read first. */
export function dataOf({ dataset }: DataSource): LineageData | undefined {
  if (!dataset) return undefined;
  const { name, batches, rows } = dataset;
  return { dataset: name, batches: [...batches], rows };
}

/** Returns the lineage of a version that is trained now. */
export function lineageOf(spec: TrainableSpec, data: LineageData, search?: SearchOrder): Lineage {
  return {
    spec: specChecksum(spec),
    data,
    seed: spec.hyperparameters.seed,
    ...(search && { search }),
    code: CODE_VERSION,
  };
}

/**
 * Decides whether training would repeat the same work. An earlier search counts if none is requested: its result is
 * the spec from then on.
 */
export function isSameLineage(made: Lineage | undefined, wanted: Lineage): boolean {
  if (!made) return false;
  const { search: _, ...others } = made;
  return canonicalJson(wanted.search ? made : others) === canonicalJson(wanted);
}

/** Decides whether data and spec of a model are unchanged, regardless of code and search. */
export function isUpToDate(made: Lineage | undefined, spec: TrainableSpec, data: LineageData) {
  return made?.spec === specChecksum(spec) && canonicalJson(made.data) === canonicalJson(data);
}

export function specChecksum(spec: TrainableSpec): string {
  return sha256(canonicalJson(spec));
}
