import * as vscode from 'vscode';
import { type Choice, configurationText } from '../clientConfig/clientConfig.js';
import { type Client, CLIENTS } from '../clientConfig/clients.js';
import { type HttpReach, reachByConnect, runtimeOf } from '../clientConfig/reach.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import { isExpired } from '../endpoint/tokens/clientToken.js';
import type { TokenStore } from '../endpoint/tokens/tokenStore.js';
import type { Gateway } from '../gateway/api.js';
import type { ServerId } from '../gateway/model/definition.js';
import { pickServer, reportingFailure, type ServerItem } from './commands.js';
import { ProjectFileWriter } from './projectFile.js';
import { notificationText } from './serverText.js';

/** What the command “Copy Client Configuration…” needs. */
export interface ClientConfigurationOptions {
  readonly gateway: Gateway;
  /** While it listens. */
  readonly endpoint: () => Endpoint | undefined;
  /** Tokens of single clients. */
  readonly tokens: TokenStore;
  /** Absolute path of `dist/cli.js`. */
  readonly cli: string;
}

/** The command that hands the gateway on to clients outside of the editor. */
export function registerClientConfiguration(options: ClientConfigurationOptions): vscode.Disposable {
  const files = new ProjectFileWriter();
  return vscode.Disposable.from(
    files,
    vscode.commands.registerCommand('mcpGateway.copyClientConfiguration', () =>
      reportingFailure(() => copyConfiguration(options, files)),
    ),
  );
}

const ALL = '';
const allItem: ServerItem = {
  label: '$(layers) All servers',
  description: 'as one, under public names',
  server: ALL,
};

const TO_PROJECT = 'Write to Project…';
const WITH_TOKEN = 'Copy URL and Token Instead';

async function copyConfiguration(
  options: ClientConfigurationOptions,
  files: ProjectFileWriter,
): Promise<void> {
  const client = await pickClient();
  if (!client) return;
  const picked = await pickTarget(options.gateway);
  if (picked === undefined) return;
  const server = picked === ALL ? undefined : picked;
  const runtime = runtimeOf({ execPath: process.execPath, electron: 'electron' in process.versions });
  const own = await clientToken(options.tokens, client.id);
  const reach = reachByConnect(runtime, options.cli, server, own.name);
  const choice: Choice = { client, server, reach };

  const { projectFile } = client;
  const running = options.endpoint() !== undefined;
  const actions = [
    ...(projectFile !== undefined && vscode.workspace.workspaceFolders?.length ? [TO_PROJECT] : []),
    ...(running && own.name !== undefined ? [WITH_TOKEN] : []),
  ];
  const hint = running
    ? own.name === undefined
      ? own.why
      : `It names the token "${own.name}", which is this client's alone.`
    : 'Nothing can connect before the endpoint runs: see mcpGateway.endpoint.enabled.';
  const action = await copy(choice, titleOf(options.gateway, server), hint, actions);
  if (action === TO_PROJECT && projectFile !== undefined) await files.write(choice, projectFile);
  if (action === WITH_TOKEN && own.name !== undefined) {
    await copy(
      { ...choice, reach: reachByToken(options, server, own.token) },
      titleOf(options.gateway, server),
      'The token is in it: share it with nobody.',
    );
  }
}

/** Says what was copied and where it goes; answers what the user wants next. */
async function copy(
  choice: Choice,
  title: string,
  hint: string,
  actions: readonly string[] = [],
): Promise<string | undefined> {
  const { kind, text } = configurationText(choice, process.platform === 'win32' ? 'windows' : 'sh');
  await vscode.env.clipboard.writeText(text);
  const { label, userFile } = choice.client;
  const place = kind === 'command' ? 'run it in a terminal' : `it goes into ${userFile}`;
  return vscode.window.showInformationMessage(
    notificationText(`Copied ${title} for ${label}: ${place}. ${hint}`),
    ...actions,
  );
}

async function pickClient(): Promise<Client | undefined> {
  const items = CLIENTS.map((client) => ({ label: client.label, description: client.userFile, client }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: 'Copy the configuration for which client?',
    matchOnDescription: true,
  });
  return picked?.client;
}

/** A server's id, or `ALL`; the only server is not asked about. */
async function pickTarget(gateway: Gateway): Promise<ServerId | undefined> {
  const [only, ...others] = gateway.servers();
  if (only && others.length === 0) return only.id;
  return pickServer(gateway, 'Which server shall the client use?', ...(only ? [allItem] : []));
}

const titleOf = (gateway: Gateway, server: ServerId | undefined): string =>
  server === undefined
    ? 'all servers'
    : `"${gateway.servers().find(({ id }) => id === server)?.title ?? server}"`;

function reachByToken(
  { endpoint }: ClientConfigurationOptions,
  server: ServerId | undefined,
  token: string,
): HttpReach {
  const running = endpoint();
  if (!running) throw new Error('The endpoint has stopped. See mcpGateway.endpoint.enabled, and try again.');
  if (running.port === 0)
    throw new Error(
      'The endpoint has no port now, and its log says why. What was copied before works without one.',
    );
  return { kind: 'http', url: server === undefined ? running.url : running.urlOf(server), token };
}

/** The client's own token, made when it has none; without one its configuration works too, with the gateway's. */
async function clientToken(
  tokens: TokenStore,
  name: string,
): Promise<
  { readonly name: string; readonly token: string } | { readonly name: undefined; readonly why: string }
> {
  try {
    const kept = await tokens.read(name);
    if (kept && !isExpired(kept, Date.now())) return kept;
    if (kept) await tokens.revoke(name);
    return await tokens.create(name, { readOnly: false }, undefined);
  } catch (error) {
    return { name: undefined, why: `It has no token of its own. ${(error as Error).message}` };
  }
}
