import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { Gateway } from '../../gateway/api.js';
import { HOST_KEY } from '../../gateway/model/client.js';

/** MCP `ListRootsResult`: the folders of the workspace, as far as they are on this machine and trusted. */
export const roots = (): { readonly roots: readonly { readonly uri: string; readonly name: string }[] } => ({
  roots: vscode.workspace.isTrusted
    ? (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map(({ uri, name }) => ({ uri: pathToFileURL(uri.fsPath).href, name }))
    : [],
});

/** Tells the servers whenever the roots are others. */
export function announceRoots({ attach }: Pick<Gateway, 'attach'>): vscode.Disposable {
  const attachment = attach({
    key: HOST_KEY,
    capabilities: {},
    sees: () => true,
    reachable: () => false,
    ownsTask: () => false,
    notified: () => undefined,
    // What servers ask goes to the host's answers.
    answers: () => false,
    answer: () => Promise.reject(new Error('Nothing is answered here.')),
  });
  const changed = (): void => {
    attachment.rootsChanged();
  };
  return vscode.Disposable.from(
    attachment,
    vscode.workspace.onDidChangeWorkspaceFolders(changed),
    vscode.workspace.onDidGrantWorkspaceTrust(changed),
  );
}
