import type { Gateway } from '../gateway/api.js';
import type { ServerId } from '../gateway/model/definition.js';
import type { InstanceId } from '../gateway/model/lineage.js';
import type { Logger } from '../gateway/ports.js';
import type { LiveTokens } from './tokens/liveTokens.js';

/** What a path of the endpoint stands for: all servers under public names, or one under its own. */
export type Target = { readonly kind: 'all' } | { readonly kind: 'server'; readonly server: ServerId };

export interface EndpointOptions {
  readonly gateway: Gateway;
  /** Of the gateway, so that it can refuse a client that comes from inside of it. */
  readonly instance: InstanceId;
  readonly info: { readonly name: string; readonly title?: string; readonly version: string };
  readonly logger: Logger;
  /** The gateway's own bearer token, as it is now; a request needs it, or one of `clients`. */
  readonly token: () => string;
  /** Tokens of single clients, if there are such. */
  readonly clients?: LiveTokens;
  /** The port that is wanted; when it is taken, or 0, another is used. */
  readonly port: number;
  /**
   * Paths of Unix sockets (Windows: names of pipes), of which the first that can be had is listened at beside the port, best
   * first; as `socketPaths` makes them.
   */
  readonly socketPaths?: readonly string[];
}

/** One front door for every agent on this machine: MCP's Streamable HTTP on loopback (issue 4). */
export interface Endpoint {
  /** `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  /** 0 where the system has no port for it: then nobody reaches its URLs, and only its socket serves. */
  readonly port: number;
  /**
   * The path of its Unix socket, or the name of its pipe, where it has one. The same is behind it as behind the port; the
   * header `Host` is `localhost` there, and the token is needed just the same.
   */
  readonly socket: string | undefined;
  urlOf(server: ServerId): string;
  /** The path of a request to one server: the end of its URL, and all that there is of it over the socket. */
  pathOf(server: ServerId): string;
  /** Where it listens; nowhere after `dispose`. */
  addresses(): readonly URL[];
  /** Ends every session, for instance because the token is another now. */
  endSessions(): void;
  /** Resolves when nobody can reach it any more and every session has ended. */
  dispose(): Promise<void>;
}
