import * as vscode from 'vscode';
import type { Gateway } from '../gateway/api.js';
import type { ServerId, WithheldServer } from '../gateway/model/definition.js';
import { isGatewayError } from '../gateway/model/errors.js';
import { reasonInOneLine } from '../gateway/model/failure.js';
import type { ServerStatus } from '../gateway/model/status.js';
import { withSignal } from './cancellation.js';
import { buttonText } from './chat/render.js';
import { enableServer } from './enableServer.js';
import type { OutputLogs } from './logger.js';
import { isFailed, notificationText, stateText, toolsText, WITHHELD_TEXT } from './serverText.js';
import { SERVERS_SETTING } from './settings.js';

/** Reads the settings again and hands them to the gateway. */
export type Reconfigure = () => Promise<void>;

export interface CommandParts {
  readonly gateway: Gateway;
  readonly logs: OutputLogs;
  readonly reconfigure: Reconfigure;
  /** Asks about a server that waits for a consent; answers whether it may run, `undefined` where it waits for none. */
  readonly review: (server: ServerId) => Promise<boolean | undefined>;
}

/** The commands of the category “MCP Gateway”; those about one server take its id as an optional argument. */
export function registerCommands({ gateway, logs, reconfigure, review }: CommandParts): vscode.Disposable {
  const restart = async (server: ServerId): Promise<void> => {
    // An env file may have changed without the settings noticing.
    await reconfigure();
    const allowed = await review(server);
    // Where it was denied, what it would have replaced can still be restarted.
    if (allowed === false && !gateway.servers().some(({ id }) => id === server)) return;
    await progress(notificationText(`Restarting ${server}…`), (signal) => gateway.restart(server, signal));
  };
  const register = (name: string, run: (server?: ServerId) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(`mcpGateway.${name}`, (server?: unknown) =>
      reportingFailure(() => run(typeof server === 'string' ? server : undefined)),
    );

  return vscode.Disposable.from(
    register('refreshAll', async () => {
      await reconfigure();
      await refreshAll(gateway);
    }),
    register('restartServer', async (given) => {
      const server = given ?? (await pickServer(gateway, 'Restart which server?', ...disabledItems(gateway)));
      if (server === undefined) return;
      // What is picked there is wanted to run.
      if (given === undefined && isDisabledIn(gateway, server)) await setEnabled(server, true, reconfigure);
      else await restart(server);
    }),
    register('resetCache', async (given) => {
      const choice = given ?? (await pickServerOrAll(gateway));
      if (choice === undefined) return;
      await progress('Forgetting cached tools…', () =>
        gateway.resetCache(choice === ALL ? undefined : choice),
      );
    }),
    register('showServerLog', async (given) => {
      const server = given ?? (await pickServer(gateway, 'Show the log of which server?', logItem));
      const known = gateway.servers().some(({ id }) => id === server);
      if (server !== undefined) logs.show(known ? server : undefined);
    }),
    register('listServers', () => listServers(gateway, logs, { restart, reconfigure })),
    register('openSettings', async () => {
      await vscode.commands.executeCommand('workbench.action.openSettings', SERVERS_SETTING);
    }),
  );
}

const ALL = '';
const GATEWAY_LOG = '';

/** Characters in a quick pick. */
const MAX_TITLE = 200;
const MAX_DETAIL = 1000;

export interface ServerItem extends vscode.QuickPickItem {
  readonly server: ServerId;
}

const allItem: ServerItem = { label: '$(trash) All servers', server: ALL };
const logItem: ServerItem = { label: '$(output) The gateway itself', server: GATEWAY_LOG };

async function refreshAll(gateway: Gateway): Promise<void> {
  const outcomes = await progress('Refreshing all MCP servers…', (signal) => gateway.refreshAll(signal));
  const failed = outcomes.filter(({ error }) => error !== undefined && !isCancellation(error));
  if (failed.length === 0) return;
  const names = failed.map(({ server }) => server).join(', ');
  const action = await vscode.window.showWarningMessage(
    notificationText(`${failed.length} of ${outcomes.length} servers could not be refreshed: ${names}.`),
    'List Servers',
  );
  if (action) await vscode.commands.executeCommand('mcpGateway.listServers');
}

interface ServerActions {
  readonly restart: (server: ServerId) => Promise<void>;
  readonly reconfigure: Reconfigure;
}

/** Resolves when the gateway has it, not only the settings. */
async function setEnabled(server: ServerId, enabled: boolean, reconfigure: Reconfigure): Promise<void> {
  await enableServer(server, enabled);
  await reconfigure();
}

/** A server that has a working entry too, such as one in another folder, is not. */
const isDisabledIn = (gateway: Gateway, server: ServerId): boolean =>
  gateway.disabled.some(({ id }) => id === server) && !gateway.servers().some(({ id }) => id === server);

/** A quick pick with each server's state; then what can be done with the one picked. */
async function listServers(
  gateway: Gateway,
  logs: OutputLogs,
  { restart, reconfigure }: ServerActions,
): Promise<void> {
  const server = await pickServer(
    gateway,
    'MCP servers: pick one for its actions',
    ...problemItems(gateway),
    ...disabledItems(gateway),
  );
  if (server === undefined) return;
  const withheld = gateway.withheld.find(({ id }) => id === server);
  if (withheld && !gateway.servers().some(({ id }) => id === server)) {
    await offerToStart(withheld, restart);
    return;
  }
  if (isDisabledIn(gateway, server)) {
    const enable = '$(circle-large-outline) Enable';
    const open = '$(gear) Open Settings';
    const answer = await vscode.window.showQuickPick([enable, open], { title: server });
    if (answer === enable) await setEnabled(server, true, reconfigure);
    else if (answer === open) await vscode.commands.executeCommand('mcpGateway.openSettings');
    return;
  }
  if (!gateway.servers().some(({ id }) => id === server)) {
    // Its settings are wrong; there is nothing else to do about it.
    await vscode.commands.executeCommand('mcpGateway.openSettings');
    return;
  }
  const actions = new Map<string, () => Promise<void> | Thenable<void>>([
    ['$(debug-restart) Restart', () => restart(server)],
    [
      '$(output) Show Log',
      () => {
        logs.show(server);
        return Promise.resolve();
      },
    ],
    ['$(circle-slash) Disable', () => setEnabled(server, false, reconfigure)],
    ['$(trash) Reset Cache', () => gateway.resetCache(server)],
    ['$(gear) Open Settings', () => vscode.commands.executeCommand('mcpGateway.openSettings')],
  ]);
  const picked = await vscode.window.showQuickPick([...actions.keys()], { title: server });
  if (picked !== undefined) await actions.get(picked)?.();
}

/** What can be done about a server that must not start here. */
async function offerToStart(
  { id, title, reason, message }: WithheldServer,
  restart: (server: ServerId) => Promise<void>,
): Promise<void> {
  const settings = '$(gear) Open Settings';
  const trust = '$(shield) Manage Workspace Trust';
  const start = '$(play) Start…';
  const first = { 'needs-consent': [start], 'needs-trust': [trust], 'needs-folder': [] }[reason];
  const picked = await vscode.window.showQuickPick([...first, settings], {
    title: buttonText(title, 100),
    placeHolder: buttonText(message, 300),
  });
  if (picked === start) await restart(id);
  if (picked === trust) await vscode.commands.executeCommand('workbench.trust.manage');
  if (picked === settings) await vscode.commands.executeCommand('mcpGateway.openSettings');
}

/** The server that the user picks; where there is none at all they are told how to add one. */
export async function pickServer(
  gateway: Gateway,
  placeHolder: string,
  ...extra: readonly ServerItem[]
): Promise<ServerId | undefined> {
  const items = [...gateway.servers().map(serverItem), ...withheldItems(gateway), ...extra];
  if (items.length === 0) {
    const { isTrusted } = vscode.workspace;
    const open = 'Open Settings';
    const trust = 'Manage Trust';
    const answer = await vscode.window.showInformationMessage(
      isTrusted
        ? 'No MCP servers are configured. Add them to mcpGateway.servers.'
        : 'Your user settings have no MCP servers, and those in the settings of this folder are left out while it is not trusted.',
      ...(isTrusted ? [open] : [trust, open]),
    );
    if (answer === open) await vscode.commands.executeCommand('mcpGateway.openSettings');
    if (answer === trust) await vscode.commands.executeCommand('workbench.trust.manage');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.server;
}

const pickServerOrAll = (gateway: Gateway): Promise<ServerId | undefined> =>
  pickServer(gateway, 'Forget the cached tools of which server?', allItem);

function serverItem(status: ServerStatus): ServerItem {
  const icon =
    status.phase === 'starting'
      ? 'sync~spin'
      : isFailed(status)
        ? 'error'
        : status.phase === 'live'
          ? 'pass'
          : 'circle-outline';
  return {
    label: `$(${icon}) ${buttonText(status.title, MAX_TITLE)}`,
    description: `${stateText(status)} · ${toolsText(status.tools)} · ${status.transport}`,
    ...(status.failure ? { detail: buttonText(reasonInOneLine(status.failure.message), MAX_DETAIL) } : {}),
    server: status.id,
  };
}

/** Those that must not start here, and in whose place none runs. */
function withheldItems(gateway: Gateway): ServerItem[] {
  const running = new Set(gateway.servers().map(({ id }) => id));
  return gateway.withheld
    .filter(({ id }) => !running.has(id))
    .map(({ id, title, reason, message }) => ({
      label: `$(${reason === 'needs-folder' ? 'circle-slash' : 'shield'}) ${buttonText(title, 100)}`,
      description: WITHHELD_TEXT[reason],
      detail: buttonText(message, 300),
      server: id,
    }));
}

const disabledItems = (gateway: Gateway): ServerItem[] =>
  gateway.disabled.map(({ id, title }) => ({
    label: `$(circle-slash) ${buttonText(title, MAX_TITLE)}`,
    description: 'disabled; pick it to enable it',
    server: id,
  }));

function problemItems(gateway: Gateway): ServerItem[] {
  return gateway.problems.flatMap(({ server, severity, message }) =>
    server === undefined || severity !== 'error'
      ? []
      : [
          {
            label: `$(error) ${buttonText(server, MAX_TITLE)}`,
            description: 'settings are wrong',
            detail: buttonText(message, MAX_DETAIL),
            server,
          },
        ],
  );
}

async function progress<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_progress, token) => withSignal(token, work),
  );
}

/** Whether the user's own Cancel ended it. */
const isCancellation = (error: unknown): boolean =>
  error instanceof vscode.CancellationError ||
  (error as Error).name === 'AbortError' ||
  (isGatewayError(error) && error.code === 'cancelled');

/** The user asked for this command, so its failure is told; a cancelled one is not. */
export async function reportingFailure(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (isCancellation(error)) return;
    void vscode.window.showErrorMessage(notificationText(`MCP Gateway: ${(error as Error).message}`));
  }
}
