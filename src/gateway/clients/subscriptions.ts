import { LOG_LEVELS, type AttachedClient, type LogLevel } from '../api.js';
import type { ServerId } from '../model/definition.js';
import { isWithin } from '../model/uri.js';

/** Resources of all servers together that one client may want updates of. */
const MAX_SUBSCRIPTIONS = 1000;

/** What one attached client wants to hear of the servers that it sees. */
export class Subscriptions {
  readonly #uris = new Map<ServerId, Set<string>>();
  level: LogLevel | undefined;
  #size = 0;

  constructor(readonly client: AttachedClient) {}

  get full(): boolean {
    return this.#size >= MAX_SUBSCRIPTIONS;
  }

  /** The resources of a server that it wants updates of. */
  uris(server: ServerId): ReadonlySet<string> {
    return this.#uris.get(server) ?? new Set();
  }

  servers(): readonly ServerId[] {
    return [...this.#uris.keys()];
  }

  add(server: ServerId, uri: string): void {
    const uris = this.#uris.get(server) ?? new Set();
    this.#uris.set(server, uris);
    if (!uris.has(uri)) this.#size++;
    uris.add(uri);
  }

  remove(server: ServerId, uri: string): void {
    const uris = this.#uris.get(server);
    if (uris?.delete(uri)) this.#size--;
    if (uris?.size === 0) this.#uris.delete(server);
  }

  /** Whether an update concerns it; what is updated may lie within what it subscribed to (MCP 2025-11-25, "Resources"). */
  wantsUpdate(server: ServerId, uri: string): boolean {
    for (const wanted of this.uris(server)) if (isWithin(uri, wanted)) return true;
    return false;
  }

  /** @param others what those want who see the server too; who wants nothing else then gets what is no debugging */
  wantsLog(severity: unknown, others: readonly Subscriptions[]): boolean {
    const level = this.level ?? (others.some((other) => other.level !== undefined) ? 'info' : undefined);
    const at = LOG_LEVELS.indexOf(severity as LogLevel);
    return level === undefined || at === -1 || at >= LOG_LEVELS.indexOf(level);
  }
}

/** The least severe level that any of them wants; `undefined` when nobody has said. */
export function widestLevel(wishes: readonly Subscriptions[]): LogLevel | undefined {
  const wanted = wishes.flatMap(({ level }) => (level === undefined ? [] : [LOG_LEVELS.indexOf(level)]));
  return wanted.length === 0 ? undefined : LOG_LEVELS[Math.min(...wanted)];
}
