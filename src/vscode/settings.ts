import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { filterProblem } from '../gateway/catalog/filter.js';
import { readTextFile } from '../gateway/config/textFile.js';
import type { VariableContext } from '../gateway/config/variables.js';
import type { ServerDefinition } from '../gateway/model/definition.js';
import type { ApprovalSetting } from './chat/approval/approval.js';
import { isAmong } from './consent/folders.js';
import { readScopes, type Scope, type ScopesRead } from './consent/readScopes.js';
import type { ServerConsents } from './consent/serverConsents.js';
import type { EndpointSettings } from './endpoint/endpointRunner.js';

const SECTION = 'mcpGateway';
export const SERVERS_SETTING = `${SECTION}.servers`;
export const ENDPOINT_SETTINGS = `${SECTION}.endpoint`;
export const AGENT_MODE_SETTING = `${SECTION}.agentMode`;

/** What the gateway is configured with; the other settings are read when they are needed. */
const GATEWAY_SETTINGS = ['servers', 'trustFolders', 'gracePeriodMs', 'idleStopMinutes'].map(
  (name) => `${SECTION}.${name}`,
);

const APPROVALS: readonly unknown[] = ['always', 'writes', 'never'] satisfies ApprovalSetting[];

/**
 * The settings that are read when they are needed. VS Code shows what does not fit the schema, but hands it on; so here
 * what does not fit is replaced, and where consent is concerned by the careful choice.
 */
export const settings = {
  get approval(): ApprovalSetting {
    const value = read('approval') ?? 'writes';
    return APPROVALS.includes(value) ? (value as ApprovalSetting) : 'always';
  },
  get maxRounds(): number {
    return number('chat.maxRounds', { fallback: 20, min: 1, max: 200 });
  },
  get gracePeriodMs(): number {
    return number('gracePeriodMs', { fallback: 5000, min: 0, max: 60_000 });
  },
  get idleStopMs(): number {
    return number('idleStopMinutes', { fallback: 0, min: 0, max: 1440 }) * 60_000;
  },
  /** The user's own list is about the user's own servers: what a workspace calls by such a name is another server. */
  trustsReadOnly({ id, origin }: Pick<ServerDefinition, 'id' | 'origin'>): boolean {
    const ids: unknown = read('trustReadOnly');
    return origin !== 'workspace' && Array.isArray(ids) && ids.includes(id);
  },
  /** Whether the user has named every open folder as one whose servers run without being asked about. */
  get trustsAllFolders(): boolean {
    const folders = localFolders();
    const trusted = read('trustFolders');
    return folders.length > 0 && folders.every(({ uri }) => isAmong(uri.fsPath, trusted, homedir()));
  },
  get agentMode(): boolean {
    return read('agentMode.enabled') !== false;
  },
  get endpoint(): EndpointSettings {
    const port = Math.floor(number('endpoint.port', { fallback: 0, min: 0, max: 65_535 }));
    return { enabled: (read('endpoint.enabled') ?? true) === true, port };
  },
};

/**
 * Reads `mcpGateway.servers` from every scope; what an untrusted workspace says is left out.
 * @param consents what the user has allowed this workspace to run
 */
export const readServers = (consents: Pick<ServerConsents, 'covers'>): Promise<ScopesRead> =>
  readScopes(configuredScopes(), {
    trusted: vscode.workspace.isTrusted,
    allowed: (definition) => settings.trustsAllFolders || consents.covers(definition),
  });

/** Whether a change of settings can change what the gateway is configured with: by itself, or through `${config:key}`. */
export function affectsGateway(event: vscode.ConfigurationChangeEvent): boolean {
  if (GATEWAY_SETTINGS.some((setting) => event.affectsConfiguration(setting))) return true;
  const text = JSON.stringify(configuredScopes().map(({ servers }) => servers));
  return [...text.matchAll(/\$\{config:([^{}"]+)\}/g)].some(([, key]) =>
    event.affectsConfiguration(key ?? ''),
  );
}

/** From wide to narrow. */
function configuredScopes(): Scope[] {
  const folders = localFolders();
  // With several folders none of them is "the" folder, and a variable for it is a problem that names them.
  const only = folders.length === 1 ? folders[0] : undefined;
  const found = vscode.workspace.getConfiguration(SECTION).inspect('servers');
  const scopes = [scope('user', found?.globalValue, only, homedir())];
  if (vscode.workspace.isTrusted) {
    scopes.push(scope('workspace', found?.workspaceValue, only, folders[0]?.uri.fsPath ?? homedir()));
    for (const folder of folders) {
      const inFolder = vscode.workspace.getConfiguration(SECTION, folder.uri).inspect('servers');
      scopes.push(scope('workspace', inFolder?.workspaceFolderValue, folder, folder.uri.fsPath));
    }
  }
  return scopes.filter(({ servers }) => servers !== undefined);
}

const scope = (
  origin: Scope['origin'],
  servers: unknown,
  folder: vscode.WorkspaceFolder | undefined,
  cwd: string,
): Scope => ({
  origin,
  servers,
  options: {
    place: SERVERS_SETTING,
    variables: variables(origin, folder),
    defaultCwd: cwd,
    inheritEnv: origin === 'user' ? 'all' : 'safe',
    readFile: readTextFile,
    filterProblem,
  },
});

/** Servers run on this machine; a virtual folder is not a place that they can see. */
const localFolders = (): readonly vscode.WorkspaceFolder[] =>
  (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');

function variables(origin: Scope['origin'], folder: vscode.WorkspaceFolder | undefined): VariableContext {
  return {
    workspaceFolder: folder?.uri.fsPath,
    workspaceFolders: new Map(localFolders().map(({ name, uri }) => [name, uri.fsPath])),
    userHome: homedir(),
    env: process.env,
    config: (key) => configValue(key, origin, folder),
  };
}

/** For the user's servers only what the user's own settings say, or a workspace could send them and their secrets elsewhere. */
function configValue(
  key: string,
  origin: Scope['origin'],
  folder: vscode.WorkspaceFolder | undefined,
): unknown {
  const configuration = vscode.workspace.getConfiguration(undefined, folder?.uri);
  if (origin === 'workspace') return configuration.get(key);
  const found = configuration.inspect(key);
  return found?.globalValue ?? found?.defaultValue;
}

function number(key: string, { fallback, min, max }: { fallback: number; min: number; max: number }): number {
  const value = read(key);
  return typeof value === 'number' && !Number.isNaN(value) ? Math.min(max, Math.max(min, value)) : fallback;
}

const read = (key: string): unknown => vscode.workspace.getConfiguration(SECTION).get(key);
