/** Progress of a member after an epoch. */
interface Step {
  member: number;
  members: number;
  epoch: number;
  epochs: number;
  ended: boolean;
}

/**
 * Estimates the remaining time of a training. Members train in parallel or in turn, and may stop before their
 * last epoch.
 */
export class TimeLeft {
  private readonly last = new Map<number, Step>();
  private firstAt: number | undefined;
  private done = 0;

  /** @param now milliseconds, as performance.now */
  constructor(private readonly now = () => performance.now()) {}

  /**
   * Records an epoch.
   * @returns seconds left; undefined after the first epoch, whose time includes the start of its worker
   */
  after(step: Step): number | undefined {
    const { member, epoch } = step;
    const before = this.last.get(member)?.epoch ?? 0;
    this.last.set(member, step);
    if (this.firstAt === undefined) {
      this.firstAt = this.now();
      return undefined;
    }
    this.done += epoch - before;
    return ((this.now() - this.firstAt) / 1000 / this.done) * this.epochsLeft(step);
  }

  private epochsLeft({ members, epochs }: Step): number {
    const known = [...this.last.values()];
    const ended = known.filter((step) => step.ended);
    const usual =
      ended.length === 0 ? epochs : ended.reduce((sum, { epoch }) => sum + epoch, 0) / ended.length;
    const ofRunning = known
      .filter((step) => !step.ended)
      .reduce((sum, { epoch }) => sum + Math.max(usual - epoch, 0), 0);
    return ofRunning + (members - known.length) * usual;
  }
}
