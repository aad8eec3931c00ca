import { join } from 'node:path';
import type * as vscode from 'vscode';
import { openCallsFile, type CallsWriter } from './endpoint/callsFile.js';
import { thisMachine, tokensDirectory } from './endpoint/stateDirectory.js';
import { LiveTokens } from './endpoint/tokens/liveTokens.js';
import { TokenStore } from './endpoint/tokens/tokenStore.js';
import type { Gateway } from './gateway/api.js';
import { createDiskStore } from './gateway/cache/diskStore.js';
import { createGateway, newSelf } from './gateway/createGateway.js';
import { registerAgentMode } from './vscode/agentMode/agentMode.js';
import { HostAnswers } from './vscode/answers/hostAnswers.js';
import { registerAnswers } from './vscode/answers/registerAnswers.js';
import { Grants } from './vscode/chat/approval/grants.js';
import { registerChat } from './vscode/chat/participant.js';
import { askAboutServer, registerConsentCommands } from './vscode/consent/commands.js';
import { ConsentDesk } from './vscode/consent/consentDesk.js';
import { ServerConsents } from './vscode/consent/serverConsents.js';
import { registerClientConfiguration } from './vscode/clientConfig.js';
import { keepLauncher } from './vscode/launcher.js';
import { registerCommands } from './vscode/commands.js';
import { registerEndpoint, type EndpointHost } from './vscode/endpoint/registerEndpoint.js';
import { serverEnvironment } from './vscode/hostEnvironment.js';
import { OutputLogs } from './vscode/logger.js';
import { settings } from './vscode/settings.js';
import { followSettings, type SettingsFollower } from './vscode/followSettings.js';
import { registerStatusBar } from './vscode/statusBar.js';

let gateway: Gateway | undefined;
let endpoint: EndpointHost | undefined;
let calls: CallsWriter | undefined;

/** What other extensions, and the tests, may see of the gateway. */
export type ExtensionApi = Pick<Gateway, 'servers' | 'onDidChangeServers' | 'listTools'>;

/** Makes the edge and the gateway and registers the doors; waits for nothing (invariant NonBlockingActivate). */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const logs = new OutputLogs();
  const manifest = context.extension.packageJSON as { displayName: string; version: string };
  const info = { name: 'mcp-tool-gateway', title: manifest.displayName, version: manifest.version };
  const store = createDiskStore({
    directory: join(context.globalStorageUri.fsPath, 'catalogs'),
    logger: logs.gateway,
  });
  const launcher = join(context.globalStorageUri.fsPath, 'mcp-tool-gateway.cjs');
  const own = newSelf(__dirname);
  const self = {
    ...own,
    programs: [...own.programs, launcher],
    addresses: () => endpoint?.runner.endpoint?.addresses() ?? [],
  };
  // Nobody asks before there is a gateway, and then there is a follower too.
  const parts: { follower?: SettingsFollower } = {};
  const answers = new HostAnswers({
    memory: context.globalState,
    definitions: () => parts.follower?.definitions() ?? [],
  });
  const machine = thisMachine();
  const tokens = new TokenStore(tokensDirectory(machine));
  calls = openCallsFile(machine, '@mcp', logs.gateway);
  gateway = createGateway({
    calls,
    logs,
    store,
    env: serverEnvironment(process.env),
    clientInfo: info,
    self,
    host: answers,
  });
  const grants = new Grants(context.globalState);
  const consents = new ServerConsents(context.workspaceState);
  const follower = (parts.follower = followSettings({ gateway, log: logs.gateway, grants, consents }));
  const desk = new ConsentDesk({ consents, reviews: follower.reviews, reconfigure: follower.reconfigure });
  endpoint = registerEndpoint(context, {
    gateway,
    instance: self.instance,
    info,
    logger: logs.gateway,
    clients: new LiveTokens(() => tokens.list()),
  });
  const { runner, token } = endpoint;
  keepLauncher(launcher, join(__dirname, 'cli.js')).catch((error: unknown) => {
    logs.gateway.warn(`Copied configurations of other agents may not work: ${String(error)}`);
  });
  context.subscriptions.push(
    logs,
    follower,
    endpoint,
    registerAnswers(gateway, answers),
    registerAgentMode({ endpoint: runner, token, follower, store }),
    registerStatusBar(gateway),
    registerCommands({
      gateway,
      logs,
      reconfigure: follower.reconfigure,
      review: (server) => askAboutServer(desk, server),
    }),
    registerConsentCommands(desk),
    registerClientConfiguration({
      gateway,
      endpoint: () => runner.endpoint,
      tokens: tokens,
      cli: launcher,
    }),
    registerChat({ gateway, settings, log: logs.gateway, grants, desk }),
  );
  const { servers, onDidChangeServers, listTools } = gateway;
  return { servers, onDidChangeServers, listTools };
}

/** VS Code waits for this before it ends the extension host. */
export async function deactivate(): Promise<void> {
  await Promise.all([endpoint?.close(), gateway?.dispose()]);
  await calls?.dispose();
}
