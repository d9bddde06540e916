import type { EventType, Signals } from '../../src/core/signals.js';

/** Keeps the events that were emitted. */
export class RecordedSignals implements Signals {
  private readonly events: { type: EventType<object>; fields: object }[] = [];

  counter(): void {}
  gauge(): void {}
  histogram(): void {}

  event<F extends object>(type: EventType<F>, fields: F): void {
    this.events.push({ type, fields });
  }

  /** Returns the fields of all events of a type, in order. */
  of<F extends object>(type: EventType<F>): F[] {
    return this.events.filter((event) => event.type === type).map(({ fields }) => fields as F);
  }
}
