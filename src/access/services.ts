import type { Gate } from './gate.js';
import type { AccessService } from './service.js';

/** All that access has to offer, opened on a store. */
export interface AccessServices {
  keys: AccessService;
  gate: Gate;
  /** Afterwards nothing of it works. */
  close(): Promise<void>;
}
