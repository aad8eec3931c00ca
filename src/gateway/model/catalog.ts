import type { Failure } from './failure.js';

/** One item as its server sent it: known fields typed, unknown ones kept. */
interface ItemBase {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** MCP `Tool`. */
export interface Tool extends ItemBase {
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: ToolAnnotations;
}

/** A JSON Schema object; what is in it is the server's business. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** MCP `ToolAnnotations`: hints by the server itself, not guarantees. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** MCP `Resource`. */
export interface Resource extends ItemBase {
  readonly uri: string;
  readonly mimeType?: string;
}

/** MCP `ResourceTemplate`. */
export interface ResourceTemplate extends ItemBase {
  readonly uriTemplate: string;
  readonly mimeType?: string;
}

/** MCP `Prompt`. */
export interface Prompt extends ItemBase {
  readonly arguments?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
  }[];
}

/** The four kinds of things that a server lists. */
export interface CatalogItems {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly resourceTemplates: readonly ResourceTemplate[];
  readonly prompts: readonly Prompt[];
}

export type CatalogKind = keyof CatalogItems;

export const CATALOG_KINDS: readonly CatalogKind[] = ['tools', 'resources', 'resourceTemplates', 'prompts'];
/** Those whose items have public names. */
export const NAMED_KINDS: readonly CatalogKind[] = ['tools', 'prompts'];

/** What a server says of itself at the handshake. */
export interface ServerFacts {
  readonly serverInfo: Readonly<Record<string, unknown>>;
  readonly instructions: string | undefined;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly protocolVersion: string;
  /** Further fields of its answer to `initialize`, as it sent them. */
  readonly extras?: Readonly<Record<string, unknown>>;
}

/** The kinds whose lists could not be read, each with the reason. */
export type Unread = Readonly<Partial<Record<CatalogKind, Failure>>>;

/** What one server offers, published in one transaction. */
export interface Catalog extends ServerFacts, CatalogItems {
  /** The items of such a kind are those of an earlier reading, or none. */
  readonly unread?: Unread;
}

/** A catalog together with the fingerprint of the definition that it came from. */
export interface StoredCatalog {
  readonly fingerprint: string;
  readonly catalog: Catalog;
  /** Milliseconds that the start took which it came from; `undefined` where that is not known. */
  readonly startMs?: number | undefined;
}
