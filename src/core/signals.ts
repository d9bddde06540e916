/** Fields of an event, or labels of a measurement. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * An event, declared once beside the code that emits it. An error that caused it is in the field `err`.
 */
export interface EventType<F extends object> {
  readonly name: string;
  readonly level: 'info' | 'warn' | 'error';
  /** The text of its log line. */
  readonly message: string;
  /** Carries the type alone. */
  readonly fields?: F;
}

/** Declares an event. @param name its subject and what happened to it, such as `version.swapped` */
export function eventType<F extends object>(
  name: string,
  level: EventType<F>['level'],
  message: string,
): EventType<F> {
  return { name, level, message };
}

/** Reports the activity of the system to operators. Emitting never throws and is never awaited. */
export interface Signals {
  /** Adds to a counter. @param by 1 by default */
  counter(name: string, labels?: Fields, by?: number): void;
  /** Sets the current level of a gauge. */
  gauge(name: string, value: number, labels?: Fields): void;
  /** Records one value of a distribution. */
  histogram(name: string, value: number, labels?: Fields): void;
  event<F extends object>(type: EventType<F>, fields: F): void;
}

/** Drops all signals. */
export const SILENT: Signals = { counter() {}, gauge() {}, histogram() {}, event() {} };

/** Returns signals that have the same labels, such as the client that they are about, on everything emitted. */
export function labelled(signals: Signals, labels: Fields): Signals {
  return {
    counter: (name, own, by) => signals.counter(name, { ...labels, ...own }, by),
    gauge: (name, value, own) => signals.gauge(name, value, { ...labels, ...own }),
    histogram: (name, value, own) => signals.histogram(name, value, { ...labels, ...own }),
    event: (type, fields) => signals.event(type, { ...labels, ...fields }),
  };
}
