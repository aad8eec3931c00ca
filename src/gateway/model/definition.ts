import type { InheritEnv } from './inheritedEnv.js';

/** The key of a server in the settings. */
export type ServerId = string;

/** A program that speaks MCP on its standard input and output. */
export interface StdioLaunch {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** Set on top of what is inherited; `null` removes a variable. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Absolute path. */
  readonly cwd: string;
  /** What it inherits of the host's environment; all where it is left out. */
  readonly inheritEnv?: Exclude<InheritEnv, 'all'>;
}

/** A server reached by URL: `http` is Streamable HTTP (with the old HTTP+SSE as fallback), `sse` the old one only. */
export interface HttpLaunch {
  readonly type: 'http' | 'sse';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Launch = StdioLaunch | HttpLaunch;

/** Which tools of a server are shown, as globs over the server's own tool names; exclude wins. */
export interface ToolFilter {
  /** `undefined`: all. */
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
}

/** Milliseconds. */
export interface Timeouts {
  /** From the start of the process or the first request to a complete catalog. */
  readonly connectMs: number;
  /** For one call, counted anew at each progress notification. */
  readonly callMs: number;
  /** For reading its lists anew once it is live. */
  readonly listMs: number;
  /** How long calls in flight may go on with the old connection after a restart or changed settings. */
  readonly drainMs: number;
}

/** What the settings say about one server, after validation and with every variable replaced. */
export interface ServerDefinition {
  readonly id: ServerId;
  /** Shown to people; the id where the settings give none. */
  readonly title: string;
  readonly launch: Launch;
  readonly filter: ToolFilter;
  readonly timeouts: Timeouts;
  /** How many requests it works on at once; the rest wait in order. */
  readonly maxConcurrency: number;
  /** When it may ask users something: while somebody's call is in work at it, or at any time. */
  readonly questions: 'during-calls' | 'always';
  /** Whether VS Code's agent mode has it. */
  readonly agentMode: boolean;
  /** Whose settings it comes from; left out where there is only one place. */
  readonly origin?: 'user' | 'workspace';
  /** Hash over all that identifies the server: its launch, with env and headers hashed. Never holds a secret in clear. */
  readonly fingerprint: string;
  /** Names of the host's variables that its settings name, as `${env:NAME}` or in `inheritEnv`. */
  readonly envNames?: readonly string[];
}

/** Something in the settings that was not understood; the server it names does not run when it is an error. */
export interface ConfigProblem {
  /** Where, as the user finds it: `mcpGateway.servers.<id>.<field>`. */
  readonly path: string;
  readonly server: ServerId | undefined;
  readonly severity: 'error' | 'warning';
  /** One or two sentences: what is wrong and what to do. */
  readonly message: string;
}

/**
 * Why a server that the settings have must not start here, although nothing is wrong with it: `needs-consent`: a workspace
 * brings it, and the user has not allowed that yet; `needs-trust`: it is about the open folder, which is not trusted;
 * `needs-folder`: it is about a folder that is not open.
 */
export type WithheldReason = 'needs-consent' | 'needs-trust' | 'needs-folder';

/** A server that must not start here. Where one of the same id can run, this would take its place. */
export interface WithheldServer {
  readonly id: ServerId;
  readonly title: string;
  readonly reason: WithheldReason;
  /** One or two sentences: why, and what to do. */
  readonly message: string;
}

/** A server that the settings leave out on purpose. */
export type DisabledServer = Pick<ServerDefinition, 'id' | 'title'>;

/** The servers that can run, and what was wrong with the rest. */
export interface GatewayConfig {
  readonly definitions: readonly ServerDefinition[];
  readonly problems: readonly ConfigProblem[];
  /** Those that are started by nothing. */
  readonly withheld?: readonly WithheldServer[];
  readonly disabled?: readonly DisabledServer[];
  /** Names of the host's variables that any entry names, also one that is disabled or wrong. */
  readonly envNames?: readonly string[];
}
