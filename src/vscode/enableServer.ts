import * as vscode from 'vscode';
import { withEnabled } from '../gateway/config/disabled.js';
import type { ServerId } from '../gateway/model/definition.js';
import { SERVERS_SETTING } from './settings.js';

/**
 * Writes into the settings that a server is enabled, or is not: in the narrowest scope that has it, which is the one that counts.
 * @throws when no settings have it, or they cannot be written
 */
export async function enableServer(server: ServerId, enabled: boolean): Promise<void> {
  for (const { configuration, servers, target } of scopes()) {
    const changed = withEnabled(servers, server, enabled);
    if (!changed) continue;
    await configuration.update(SERVERS_SETTING, changed, target);
    return;
  }
  throw new Error(`The settings have no server "${server}" any more.`);
}

/** From narrow to wide; what an untrusted workspace says does not count. */
function scopes(): {
  readonly configuration: vscode.WorkspaceConfiguration;
  readonly servers: unknown;
  readonly target: vscode.ConfigurationTarget;
}[] {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect(SERVERS_SETTING);
  const user = { configuration, servers: found?.globalValue, target: Global };
  if (!vscode.workspace.isTrusted) return [user];
  const inFolders = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => {
      const own = vscode.workspace.getConfiguration(undefined, uri);
      const servers = own.inspect(SERVERS_SETTING)?.workspaceFolderValue;
      return { configuration: own, servers, target: WorkspaceFolder };
    })
    .reverse();
  return [...inFolders, { configuration, servers: found?.workspaceValue, target: Workspace }, user];
}
