import type { CallRecord } from './model/callRecord.js';
import type { StoredCatalog } from './model/catalog.js';
import type { Client } from './model/client.js';
import type { ServerDefinition, ServerId } from './model/definition.js';
import type { InstanceId } from './model/lineage.js';

/** Takes finished sentences; never secrets, tool arguments or results. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** One log for the gateway, one per server for its stderr and lifecycle. */
export interface Logs {
  readonly gateway: Logger;
  server(id: ServerId): Logger;
}

/** Keeps catalogs between runs. A hint only: every failure inside it is a miss or a lost write, never an error. */
export interface CatalogStore {
  /**
   * The catalog stored for exactly this fingerprint, or else the newest that is stored for the server under another
   * fingerprint (the answer tells which), or `undefined`.
   */
  load(server: ServerId, fingerprint: string): Promise<StoredCatalog | undefined>;
  save(server: ServerId, stored: StoredCatalog): Promise<void>;
  /** Forgets one server's catalogs, or all. */
  clear(server?: ServerId): Promise<void>;
}

/** What the gateway is itself, as a server's settings could name it: it refuses to be its own server. */
export interface Self {
  readonly instance: InstanceId;
  /** Absolute paths of its own programs. */
  readonly programs: readonly string[];
  /** Absolute path of the program that checks arguments, which a thread of this process runs. */
  readonly checker: string;
  /** Where its endpoint listens now. */
  readonly addresses: () => readonly URL[];
}

/** Keeps a record of calls; see `model/callRecord.ts` for what it holds. */
export interface CallRecords {
  /** Who makes the calls that come from no client: the program itself. */
  readonly own: string;
  /** Never throws and never waits. */
  record(call: CallRecord): void;
}

/** What the gateway needs from outside. */
export interface GatewayPorts {
  readonly logs: Logs;
  readonly store: CatalogStore;
  /** What servers inherit: the host's environment, less what is the host's own business. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told to every server in `initialize`. */
  readonly clientInfo: { readonly name: string; readonly title?: string; readonly version: string };
  readonly self: Self;
  /** Without it no record is kept. */
  readonly calls?: CallRecords;
  /** Answers what servers ask when whoever uses them cannot; without one that is declined. */
  readonly host?: Client;
}

/** What the settings say beside the servers. */
export interface GatewayOptions {
  /** How long a list may wait for one server, in milliseconds, once per epoch. */
  readonly gracePeriodMs: number;
  /** After how long without a request a stdio server is stopped, in milliseconds; 0: never. */
  readonly idleStopMs: number;
  /** Whether the user trusts a server, as it is defined, to tell the truth about which tools only read; else none is. */
  readonly trustsReadOnly?: (server: ServerDefinition) => boolean;
}
