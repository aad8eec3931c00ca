import { join } from 'node:path';
import type * as vscode from 'vscode';
import type { Gateway } from './gateway/api.js';
import { createDiskStore } from './gateway/catalog/diskStore.js';
import { createGateway, newSelf } from './gateway/createGateway.js';
import { registerChat } from './vscode/chat/participant.js';
import { registerClientConfiguration } from './vscode/clientConfig.js';
import { registerCommands } from './vscode/commands.js';
import { serverEnvironment } from './vscode/hostEnvironment.js';
import { OutputLogs } from './vscode/logger.js';
import { settings } from './vscode/settings.js';
import { followSettings } from './vscode/followSettings.js';
import { registerStatusBar } from './vscode/statusBar.js';

let gateway: Gateway | undefined;

/** What other extensions, and the tests, may see of the gateway. */
export type ExtensionApi = Pick<Gateway, 'servers' | 'onDidChangeServers' | 'listTools'>;

/** Makes the edge and the gateway and registers the doors; waits for nothing (invariant NonBlockingActivate). */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const logs = new OutputLogs();
  const manifest = context.extension.packageJSON as { displayName: string; version: string };
  gateway = createGateway({
    logs,
    store: createDiskStore({
      directory: join(context.globalStorageUri.fsPath, 'catalogs'),
      logger: logs.gateway,
    }),
    env: serverEnvironment(process.env),
    clientInfo: { name: 'mcp-tool-gateway', title: manifest.displayName, version: manifest.version },
    self: newSelf(__dirname),
  });
  const follower = followSettings(gateway, logs.gateway);
  context.subscriptions.push(
    logs,
    follower,
    registerStatusBar(gateway),
    registerCommands(gateway, logs, follower.reconfigure),
    registerClientConfiguration({
      gateway,
      endpoint: () => undefined,
      token: () => Promise.reject(new Error('There is no endpoint yet.')),
      cli: join(__dirname, 'cli.js'),
    }),
    registerChat(context, gateway, settings, logs.gateway),
  );
  const { servers, onDidChangeServers, listTools } = gateway;
  return { servers, onDidChangeServers, listTools };
}

/** VS Code waits for this before it ends the extension host. */
export function deactivate(): Promise<void> | undefined {
  return gateway?.dispose();
}
