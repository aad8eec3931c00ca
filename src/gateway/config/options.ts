import type { ToolFilter } from '../model/definition.js';
import type { VariableContext } from './variables.js';

/** What reading the settings needs beside them. */
export interface ParseOptions {
  /** Where the servers are, as the user knows it, such as `mcpGateway.servers`; problems begin with it. */
  readonly place: string;
  readonly variables: VariableContext;
  /** Absolute path: where servers run that say nothing else, and what relative paths are relative to. */
  readonly defaultCwd: string;
  /**
   * The most that these servers may inherit of the host's environment, and what they inherit where their entry says
   * nothing; `all` where it is left out.
   */
  readonly inheritEnv?: 'all' | 'safe';
  /** Reads an env file; `readTextFile` is the one for real files. */
  readonly readFile: (path: string) => Promise<string>;
  /**
   * Why a filter cannot be used, in one sentence; the catalog's `filterProblem`, handed in because it lives in another
   * room. Without it a broken pattern still hides every tool, but nobody is told.
   */
  readonly filterProblem?: (filter: ToolFilter) => string | undefined;
}
