import type { CatalogKind, Prompt, Resource, ResourceTemplate, Tool } from './catalog.js';
import type { ServerId, WithheldReason } from './definition.js';

/**
 * Why a server's items are not in a listing, or are old:
 * `starting`: not ready within the grace, still coming; `failed`: its last start or connection failed, it is tried
 * again later; `parked`: failed too often, started by a call or by hand only; `unsupported`: it speaks no revision of MCP
 * that is spoken here, started by hand only; `invalid`: its settings are wrong; the rest: it must not start here.
 */
export type OmissionReason = 'starting' | 'failed' | 'parked' | 'unsupported' | 'invalid' | WithheldReason;

export interface Omission {
  readonly server: ServerId;
  readonly reason: OmissionReason;
  /** Set when only the server's items of this kind are missing or old; without it the whole server is. */
  readonly kind?: CatalogKind;
  /** One or two sentences for people. */
  readonly message: string;
}

/** What a list method answers; never a bare array, so that absence is always explained. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly omitted: readonly Omission[];
  /** Servers whose items come from an earlier definition, start or reading, because there is nothing newer. */
  readonly stale: readonly ServerId[];
}

/** A tool among all servers' tools. */
export interface ListedTool {
  /** Public name: unique among all servers; `[a-z0-9_-]{1,46}` unless another form was asked for. */
  readonly name: string;
  readonly server: ServerId;
  readonly serverTitle: string;
  /** Of the definition that the tool was listed under; consent given to a tool holds for this fingerprint only. */
  readonly fingerprint: string;
  /** As the server sent it, under the server's own name. */
  readonly tool: Tool;
}

/** A prompt among all servers' prompts, under a public name made like a tool's. */
export interface ListedPrompt {
  readonly name: string;
  readonly server: ServerId;
  readonly prompt: Prompt;
}

export interface ListedResource {
  readonly server: ServerId;
  readonly resource: Resource;
}

export interface ListedResourceTemplate {
  readonly server: ServerId;
  readonly resourceTemplate: ResourceTemplate;
}
