import type { ServerDefinition } from '../../model/definition.js';
import { serverUnavailable, type GatewayError } from '../../model/errors.js';
import type { Failure } from '../../model/failure.js';
import type { Reading } from '../lists/reading.js';

/** What a life needs from the supervisor that it belongs to. */
export interface LifeOwner {
  readonly definition: ServerDefinition;
  /** Whether the catalog at hand is of the definition in force. */
  isCurrent(): boolean;
  /** Why nobody can use the server any more, once its life has ended. */
  goneError(): GatewayError;
  /** Milliseconds that its last start took, where that is known. */
  readonly startMs: number | undefined;
  /** @param startMs set after a start: how long it took */
  publish(fingerprint: string, reading: Reading, startMs?: number): void;
  onStatus(): void;
}

/** What a call is told of a server that only its user can start again. */
export const finalError = (
  { definition: { id, title } }: LifeOwner,
  failure: Failure | undefined,
): GatewayError => serverUnavailable(id, `${title}: ${failure?.message ?? 'It cannot be started.'}`);
