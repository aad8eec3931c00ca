/** MCP `ContentBlock`, open: what is not known here is passed on. */
export interface ContentBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** MCP `CallToolResult`; `isError` results are results. */
export interface CallToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** MCP `ReadResourceResult`. */
export interface ReadResourceResult {
  readonly contents: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** MCP `GetPromptResult`. */
export interface GetPromptResult {
  readonly description?: string;
  readonly messages: readonly { readonly role: string; readonly content: ContentBlock }[];
  readonly [field: string]: unknown;
}

/** MCP progress of one request. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/** A large result as the JSON that came, checked but not read; made by `protocol/large/largeResult.ts`. */
export interface LargeResult {
  /** The bytes, in order. */
  readonly parts: readonly Uint8Array[];
  /** How many they are. */
  readonly size: number;
  /** Small members: `isError`, `task`, `nextCursor` and `_meta`. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Reads it in one go, which stops everything else for as long as it takes. @throws MessageTooLargeError */
  parse(maxBytes?: number): Readonly<Record<string, unknown>>;
  toJSON(): Readonly<Record<string, unknown>>;
}
