import { LapidaryError } from '../core/errors.js';
import { type Headline, headlineOf, type Metrics } from '../ml/metrics/metrics.js';
import type { Spec } from '../ml/spec.js';
import type { VersionService } from '../registry/service.js';
import { openDataset } from '../rows/open.js';
import type { DataSource } from '../rows/source.js';
import { CHAMPION, retire, type ServedModel, type ServingService } from '../serving/service.js';
import { abortable } from './material.js';
import { scoreAll } from './score.js';

/** Default of the tolerance: how much worse than the champion a candidate may be, as a share of its metric. */
const DEFAULT_TOLERANCE = 0.01;

/** The outcome of the gate, with its reason. */
export interface Decision {
  metric: Headline['metric'];
  /** The candidate's metric on the held-out rows; lower is better. */
  candidate: number;
  /** The champion's metric on the same rows; undefined if it could not be scored on them. */
  champion?: number;
  /** The champion's version. */
  against?: string;
  tolerance: number;
  reason: string;
}

export interface Verdict {
  outcome: 'promoted' | 'refused';
  decision: Decision;
}

/** Promotes a candidate to champion unless it is worse. */
export class QualityGate {
  constructor(
    private readonly registry: ServingService,
    private readonly versions: VersionService,
  ) {}

  /**
   * Scores a candidate and the champion with the plans that serve, on the same held-out rows, and promotes the
   * candidate if it passes. If the champion moves meanwhile, the comparison is repeated with the new one.
   * @param source the current data
   * @throws LapidaryError `version_not_found`, `version_corrupt` of the candidate; `invalid_dataset`
   */
  async judge(
    model: string,
    candidate: string,
    source: DataSource,
    tolerance = DEFAULT_TOLERANCE,
    signal?: AbortSignal,
  ): Promise<Verdict> {
    const served = await this.registry.loadVersion(model, candidate);
    const metrics = await score(served, source, signal);
    for (;;) {
      signal?.throwIfAborted();
      const current = (await this.versions.championHistory(model)).at(-1);
      const compared = await this.compare(served, metrics, current, source, signal);
      const verdict = decide(headlineOf(metrics), compared, tolerance, current);
      if (verdict.outcome === 'refused' || current === candidate) return verdict;
      try {
        await this.versions.promote(model, CHAMPION, { version: candidate }, current ?? null);
        return verdict;
      } catch (error) {
        if (!(error instanceof LapidaryError && error.code === 'version_conflict')) throw error;
      }
    }
  }

  /** Scores the champion on the candidate's rows, or returns why that is impossible, which lets the candidate pass. */
  private async compare(
    candidate: ServedModel,
    metrics: Metrics,
    current: string | undefined,
    source: DataSource,
    signal: AbortSignal | undefined,
  ): Promise<number | string> {
    const { spec } = candidate.version;
    if (current === undefined) return 'there was no champion';
    if (current === candidate.version.id) return 'it is the champion already';
    try {
      const champion = await this.registry.loadVersion(spec.name, current);
      if (!predictsTheSame(spec, champion.version.spec)) {
        void retire(champion.model);
        return 'the champion predicts something else';
      }
      const found = await score(champion, source, signal);
      if (found.rows !== metrics.rows) return 'the champion is for other rows of the data';
      return headlineOf(found).value;
    } catch (error) {
      if (!(error instanceof LapidaryError)) throw error;
      return `the champion cannot be scored on this data: ${error.message}`;
    }
  }
}

/** Scores a version that was loaded for this alone. */
async function score(
  { version, model }: ServedModel,
  source: DataSource,
  signal: AbortSignal | undefined,
): Promise<Metrics> {
  try {
    const dataset = abortable(openDataset(source, version.spec), signal);
    return (await scoreAll(dataset, version.spec, { model })).model!;
  } finally {
    void retire(model);
  }
}

function predictsTheSame(a: Spec, b: Spec): boolean {
  const identity = ({ task, target }: Spec) =>
    JSON.stringify([task, target.name, target.above, [...(target.classes ?? [])].sort()]);
  return identity(a) === identity(b);
}

/** Decides on a candidate. @param compared the champion's metric, or the reason to skip the comparison */
export function decide(
  { metric, value: candidate }: Headline,
  compared: number | string,
  tolerance: number,
  against: string | undefined,
): Verdict {
  const known = { metric, candidate, tolerance, ...(against !== undefined && { against }) };
  if (typeof compared === 'string')
    return { outcome: 'promoted', decision: { ...known, reason: compared } };
  const most = compared * (1 + tolerance);
  const passes = candidate <= most || Number.isNaN(compared);
  const result = `${metric} ${candidate.toPrecision(6)}; the champion has ${compared.toPrecision(6)}`;
  return {
    outcome: passes ? 'promoted' : 'refused',
    decision: {
      ...known,
      champion: compared,
      reason: passes ? result : `${result}; the limit is ${most.toPrecision(6)}`,
    },
  };
}
