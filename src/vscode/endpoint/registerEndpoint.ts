import * as vscode from 'vscode';
import type { EndpointOptions } from '../../endpoint/endpoint.js';
import { socketMachine, socketPaths } from '../../endpoint/socketPaths.js';
import { startEndpoint } from '../../endpoint/startEndpoint.js';
import { ENDPOINT_SETTINGS, settings } from '../settings.js';
import { EndpointAnnouncer } from './announceEndpoint.js';
import { registerEndpointCommands } from './commands.js';
import { EndpointRunner } from './endpointRunner.js';
import { PortMemory } from './portMemory.js';
import { TokenKeeper } from './tokenKeeper.js';

/** The window's endpoint with its token. */
export interface EndpointHost extends vscode.Disposable {
  readonly runner: EndpointRunner;
  readonly token: TokenKeeper;
  /** Resolves when nothing listens any more, and nobody finds it. */
  close(): Promise<void>;
}

/** Opens the endpoint in the background, keeps it on its settings, and registers its commands. */
export function registerEndpoint(
  context: Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets' | 'storageUri'>,
  options: Omit<EndpointOptions, 'token' | 'port' | 'socketPaths'>,
): EndpointHost {
  // A window without a workspace has no storage of its own.
  const paths = socketPaths(socketMachine(), context.storageUri?.fsPath ?? vscode.env.appName);
  const token = new TokenKeeper(context.secrets, options.logger);
  const runner = new EndpointRunner({
    open: async (port) => {
      await token.ready();
      return startEndpoint({ ...options, token: () => token.current, port, socketPaths: paths });
    },
    settings: () => settings.endpoint,
    ports: new PortMemory(context.workspaceState),
    log: options.logger,
  });
  // Before sessions end because the token is another now: whoever looks for it finds the new one.
  const announcer = new EndpointAnnouncer({ gateway: options.gateway, runner, token, log: options.logger });
  const close = async (): Promise<void> => {
    await Promise.all([announcer.dispose(), runner.dispose()]);
  };
  runner.follow();
  const subscriptions = vscode.Disposable.from(
    token,
    token.onDidChange(() => {
      runner.endpoint?.endSessions();
    }),
    registerEndpointCommands(token),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(ENDPOINT_SETTINGS)) runner.follow();
    }),
    // VS Code waits for `deactivate()`, which calls this too; here it only begins.
    new vscode.Disposable(() => void close()),
  );
  return Object.assign(subscriptions, { runner, token, close });
}
