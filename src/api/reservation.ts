/** Predictions that the plan of a client has admitted for a request. */
export interface Reservation {
  /**
   * Counts them; call it before the answer is sent.
   * @throws LapidaryError `storage_unavailable` when the usage cannot be recorded
   */
  count(): Promise<void>;
  /** Returns them to the plan unless they are counted. */
  release(): void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null or missing if the caller is not metered. */
    reservation?: Reservation | null;
  }
}
