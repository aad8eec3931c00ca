import type { VariableContext } from './variables.js';

/** What reading the settings needs beside them. */
export interface ParseOptions {
  /** Where the servers are, as the user knows it, such as `mcpGateway.servers`; problems begin with it. */
  readonly place: string;
  readonly variables: VariableContext;
  /** Absolute path: where servers run that say nothing else, and what relative paths are relative to. */
  readonly defaultCwd: string;
  /** Reads an env file; `readTextFile` is the one for real files. */
  readonly readFile: (path: string) => Promise<string>;
}
