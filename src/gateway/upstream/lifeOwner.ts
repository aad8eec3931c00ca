import type { ServerDefinition } from '../model/definition.js';
import type { GatewayError } from '../model/errors.js';
import type { Reading } from './reading.js';

/** What a life needs from the supervisor that it belongs to. */
export interface LifeOwner {
  readonly definition: ServerDefinition;
  /** Whether the catalog at hand is of the definition in force. */
  isCurrent(): boolean;
  /** Why nobody can use the server any more, once its life has ended. */
  goneError(): GatewayError;
  publish(fingerprint: string, reading: Reading): void;
  onStatus(): void;
}
