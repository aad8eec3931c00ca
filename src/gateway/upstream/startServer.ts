import type { Catalog } from '../model/catalog.js';
import type { ServerDefinition } from '../model/definition.js';
import type { Failure } from '../model/status.js';
import type { Logger } from '../ports.js';
import { Connection } from './connection.js';
import { describeFailure, StartTimeoutError } from './failure.js';
import type { UpstreamHost } from './guardian.js';

/** An attempt was overtaken by a new definition, a restart or the end. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** A start failed, and why; the connection is closing. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly failure: Failure,
    cause: unknown,
  ) {
    super(failure.message, { cause });
  }
}

export interface StartHooks {
  onListChanged(connection: Connection): void;
  onClose(connection: Connection): void;
  /** The connection did not come to life; @returns when it is gone */
  onAbandon(connection: Connection): Promise<void>;
}

/**
 * Connects to a server and reads its whole catalog, within `timeouts.connectMs`.
 * @param controller aborts the start; with a `SupersededError` as the reason its process is gone when this rejects
 * @throws StartError, SupersededError
 */
export async function startServer(
  definition: ServerDefinition,
  host: UpstreamHost,
  logger: Logger,
  controller: AbortController,
  hooks: StartHooks,
): Promise<{ connection: Connection; catalog: Catalog }> {
  const { signal } = controller;
  const timer = setTimeout(() => {
    controller.abort(new StartTimeoutError());
  }, definition.timeouts.connectMs);
  const connection: Connection = new Connection(definition.launch, host, logger, {
    onListChanged: () => {
      hooks.onListChanged(connection);
    },
    onClose: () => {
      hooks.onClose(connection);
    },
  });
  try {
    await connection.open(signal);
    const catalog = await connection.readCatalog(signal);
    signal.throwIfAborted();
    return { connection, catalog };
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    const gone = hooks.onAbandon(connection);
    if (reason instanceof SupersededError) {
      // The next start must not overlap with this one's process.
      await gone;
      throw reason;
    }
    throw new StartError(describeFailure(definition, reason, connection.processReport), reason);
  } finally {
    clearTimeout(timer);
  }
}
