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
