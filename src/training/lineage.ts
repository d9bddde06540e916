import { canonicalJson, sha256 } from '../core/checksum.js';
import { CODE_VERSION } from '../core/code-version.js';
import type { TrainableSpec } from '../ml/spec.js';
import type { Lineage } from '../registry/index.js';
import type { DataSource } from '../rows/source.js';
import type { SearchOrder } from './search/search.js';

export type LineageData = Lineage['data'];

/** What tells the batches of a dataset; undefined of other data, which has to be read to be told. */
export function dataOf({ dataset }: DataSource): LineageData | undefined {
  if (!dataset) return undefined;
  const { name, batches, rows } = dataset;
  return { dataset: name, batches: [...batches], rows };
}

/** The lineage that a version has which is trained now. */
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
 * Whether training would do again what was done. A search that was made counts where none is wanted: what it
 * found is trained on from then on.
 */
export function isSameLineage(made: Lineage | undefined, wanted: Lineage): boolean {
  if (!made) return false;
  const { search: _, ...others } = made;
  return canonicalJson(wanted.search ? made : others) === canonicalJson(wanted);
}

/** Whether nothing that a model is made of has changed, whichever code and search made it. */
export function isUpToDate(made: Lineage | undefined, spec: TrainableSpec, data: LineageData) {
  return made?.spec === specChecksum(spec) && canonicalJson(made.data) === canonicalJson(data);
}

export function specChecksum(spec: TrainableSpec): string {
  return sha256(canonicalJson(spec));
}
