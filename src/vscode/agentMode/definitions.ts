import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { folderOf } from '../../base/socketName.js';
import type { Endpoint } from '../../endpoint/endpoint.js';
import type { StoredCatalog } from '../../gateway/model/catalog.js';
import type { ServerDefinition, ServerId } from '../../gateway/model/definition.js';
import type { CatalogStore } from '../../gateway/ports.js';

/**
 * A label for each server: its title, and where an earlier server has that, its id as well. VS Code knows a server by its
 * label: a server that comes later must not take the label of one that is there.
 * @param servers in the order of the settings, wider scopes first
 */
export function labelsOf(
  servers: readonly Pick<ServerDefinition, 'id' | 'title'>[],
): ReadonlyMap<ServerId, string> {
  const taken = new Set<string>();
  return new Map(
    servers.map(({ id, title }) => {
      let label = title;
      while (taken.has(label)) label = `${label} (${id})`;
      taken.add(label);
      return [id, label];
    }),
  );
}

/** The parts of a `vscode.Uri`. */
export interface AddressParts {
  readonly scheme: string;
  readonly authority?: string;
  readonly path: string;
  readonly fragment?: string;
}

/**
 * Where VS Code's client finds a server: at the socket or pipe of the endpoint, whose address has the path of the request as
 * its fragment (VS Code 1.105, `McpHTTPHandleNode`); at its port where there is no socket.
 */
export function addressOf(
  { socket, port, pathOf }: Pick<Endpoint, 'socket' | 'port' | 'pathOf'>,
  server: ServerId,
): AddressParts {
  const path = pathOf(server);
  if (socket === undefined) return { scheme: 'http', authority: `127.0.0.1:${port}`, path };
  return {
    scheme: folderOf(socket) === undefined ? 'pipe' : 'unix',
    path: forParsing(socket),
    fragment: forParsing(path),
  };
}

/** VS Code writes such an address as it is and decodes what it reads: what is encoded must be so twice. */
const forParsing = (text: string): string => text.replaceAll('%', '%25');

/**
 * What VS Code keeps its own list of a server's tools under: a hash of what a session of the endpoint would be told by the
 * catalog and the filter. Of a server without a catalog that fits nothing can be said: then it is one of a kind, so that VS
 * Code lists it once it can.
 */
export const versionOf = (
  { fingerprint, filter }: Pick<ServerDefinition, 'fingerprint' | 'filter'>,
  stored: StoredCatalog | undefined,
): string =>
  stored?.fingerprint === fingerprint
    ? createHash('sha256')
        .update(JSON.stringify([stored.catalog, filter]))
        .digest('hex')
    : randomUUID();

/** Milliseconds that VS Code waits for the cache on disk; it is only a hint. */
const MAX_LOAD_MS = 2000;

/** The versions of this session: each as it was when it was first asked for, so that VS Code never ends a connection for it. */
export class SessionVersions {
  readonly #store: Pick<CatalogStore, 'load'>;
  readonly #versions = new Map<ServerId, Promise<string>>();

  constructor(store: Pick<CatalogStore, 'load'>) {
    this.#store = store;
  }

  of(server: ServerDefinition): Promise<string> {
    let version = this.#versions.get(server.id);
    if (!version) {
      version = this.#read(server);
      this.#versions.set(server.id, version);
    }
    return version;
  }

  async #read(server: ServerDefinition): Promise<string> {
    const stored = this.#store.load(server.id, server.fingerprint);
    return versionOf(server, await Promise.race([stored, delay(MAX_LOAD_MS, undefined, { ref: false })]));
  }
}
