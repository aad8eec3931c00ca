import type { Gateway } from '../gateway/api.js';
import type { ServerId } from '../gateway/model/definition.js';
import type { InstanceId } from '../gateway/model/lineage.js';
import type { Logger } from '../gateway/ports.js';

/** What a path of the endpoint stands for: all servers under public names, or one under its own. */
export type Target = { readonly kind: 'all' } | { readonly kind: 'server'; readonly server: ServerId };

export interface EndpointOptions {
  readonly gateway: Gateway;
  /** Of the gateway, so that it can refuse a client that comes from inside of it. */
  readonly instance: InstanceId;
  readonly info: { readonly name: string; readonly title?: string; readonly version: string };
  readonly logger: Logger;
  /** The bearer token that every request needs, as it is now. */
  readonly token: () => string;
  /** The port that is wanted; when it is taken, or 0, another is used. */
  readonly port: number;
}

/** One front door for every agent on this machine: MCP's Streamable HTTP on loopback (issue 4). */
export interface Endpoint {
  /** `http://127.0.0.1:<port>/mcp`. */
  readonly url: string;
  readonly port: number;
  urlOf(server: ServerId): string;
  /** Where it listens; nowhere after `dispose`. */
  addresses(): readonly URL[];
  /** Ends every session, for instance because the token is another now. */
  endSessions(): void;
  /** Resolves when nobody can reach it any more and every session has ended. */
  dispose(): Promise<void>;
}
