import { tmpdir } from 'node:os';
import type { VariableContext } from '../../src/gateway/config/variables.js';

/** What variables in settings stand for where no folder is open. */
export const noWorkspace = (): VariableContext => ({
  workspaceFolder: undefined,
  workspaceFolders: new Map(),
  userHome: tmpdir(),
  env: process.env,
  config: () => undefined,
});
