import { PeerClosedError } from '../../../protocol/errors.js';
import type { ServerDefinition } from '../../model/definition.js';
import { serverUnavailable } from '../../model/errors.js';
import type { Failure } from '../../model/failure.js';
import type { Logger } from '../../ports.js';
import { Connection } from '../connection.js';
import { describeFailure, StartTimeoutError } from './failure.js';
import { Generation, type GenerationHooks } from './generation.js';
import type { UpstreamHost } from '../host.js';
import { withholdOthers } from '../stdio/launchEnvironment.js';
import { readingOf, type Reading } from '../lists/reading.js';

/** An attempt was overtaken by a new definition, a restart or the end. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export interface StartHooks extends GenerationHooks {
  /** It came to life; called before anything else can happen to it. */
  onReady(generation: Generation, reading: Reading): void;
  /** How its process is found, if it gets one; called once. */
  readonly onProcess?: ((pid: () => number | undefined) => void) | undefined;
  /** The start failed by itself; called before anything else can happen. */
  onFailed(failure: Failure): void;
  /** The connection did not come to life; @returns when it is gone */
  onAbandon(connection: Connection): Promise<void>;
}

/**
 * Connects to a server and reads its whole catalog, within `timeouts.connectMs`.
 * @param current the definition in force, once it lives
 * @param controller aborts the start; with a `SupersededError` as the reason its process is gone when this rejects
 * @throws `server-unavailable`, or SupersededError
 */
export async function startServer(
  definition: ServerDefinition,
  host: UpstreamHost,
  current: () => ServerDefinition,
  logger: Logger,
  controller: AbortController,
  hooks: StartHooks,
): Promise<Generation> {
  const { signal } = controller;
  // A list that hangs is one that fails, once the server has shown that it speaks.
  const lists = new AbortController();
  const timer = setTimeout(() => {
    (connection.facts ? lists : controller).abort(new StartTimeoutError());
  }, definition.timeouts.connectMs);
  let generation: Generation | undefined;
  const early = { changed: false };
  const { launch, withheld } = withholdOthers(definition, host.envNames(), host.env);
  if (withheld.length > 0)
    logger.info(
      `It does not inherit ${withheld.join(', ')}, which only other servers' settings name; name it in its "env" if it needs it.`,
    );
  const connection: Connection = new Connection(launch, host, logger, {
    capabilities: () => host.traffic.capabilities(definition.id),
    onListChanged: () => {
      if (generation) void generation.refresh();
      else early.changed = true;
    },
    onNotification: (method, params, during) => {
      host.traffic.onNotification(definition.id, method, params, during);
    },
    onRequest: (method, params, incoming) =>
      host.traffic.onServerRequest(definition.id, method, params, incoming),
    onClose: () => {
      generation?.ended();
    },
  });
  hooks.onProcess?.(() => connection.processReport?.pid);
  try {
    await connection.open(signal);
    const read = await connection.readItems(AbortSignal.any([signal, lists.signal]));
    signal.throwIfAborted();
    // It may have died while its lists were being checked.
    const { closed, facts } = connection;
    if (closed || !facts) throw new PeerClosedError(true);
    const reading = readingOf(definition, facts, read);
    generation = new Generation(
      connection,
      { ...host, definition: current, wanted: () => host.traffic.hasSubscribers(definition.id) },
      hooks,
    );
    hooks.onReady(generation, reading);
    generation.readingEnded(reading);
    host.traffic.onReady(definition.id, connection);
    // What was read may have been old already.
    if (early.changed) void generation.refresh();
    return generation;
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    const gone = hooks.onAbandon(connection);
    if (reason instanceof SupersededError) {
      // The next start must not overlap with this one's process.
      await gone;
      throw reason;
    }
    const failure = describeFailure(definition, reason, connection.processReport);
    hooks.onFailed(failure);
    throw serverUnavailable(definition.id, `${definition.title}: ${failure.message}`, reason);
  } finally {
    clearTimeout(timer);
  }
}
