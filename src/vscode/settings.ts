import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { filterProblem } from '../gateway/catalog/filter.js';
import { parseServers } from '../gateway/config/parse.js';
import { readTextFile } from '../gateway/config/textFile.js';
import type { VariableContext } from '../gateway/config/variables.js';
import type { GatewayConfig, ServerDefinition } from '../gateway/model/definition.js';
import type { ApprovalSetting } from './chat/approval/approval.js';
import type { EndpointSettings } from './endpoint/endpointRunner.js';

const SECTION = 'mcpGateway';
export const SERVERS_SETTING = `${SECTION}.servers`;
export const ENDPOINT_SETTINGS = `${SECTION}.endpoint`;
export const AGENT_MODE_SETTING = `${SECTION}.agentMode`;

/** What the gateway is configured with; the other settings are read when they are needed. */
const GATEWAY_SETTINGS = [SERVERS_SETTING, `${SECTION}.gracePeriodMs`, `${SECTION}.idleStopMinutes`];

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
  get agentMode(): boolean {
    return read('agentMode.enabled') !== false;
  },
  get endpoint(): EndpointSettings {
    const port = Math.floor(number('endpoint.port', { fallback: 0, min: 0, max: 65_535 }));
    return { enabled: (read('endpoint.enabled') ?? true) === true, port };
  },
};

/** One place that servers are configured in, with what its variables and relative paths mean there. */
interface Scope {
  /** As it is in the settings, of whatever type. */
  readonly servers: unknown;
  readonly folder: vscode.WorkspaceFolder | undefined;
  readonly cwd: string;
  /** The most that its servers may inherit of the environment. */
  readonly inheritEnv: 'all' | 'safe';
}

/**
 * Reads `mcpGateway.servers` from every scope. A narrower scope replaces a server of the same id as a whole: were they
 * merged, a workspace could change parts of a server that the user trusts. What an untrusted workspace says is left out.
 */
export async function readServers(): Promise<GatewayConfig> {
  const parsed = await Promise.all(effectiveScopes().map(parseScope));
  return {
    definitions: parsed.flatMap(({ definitions }) => definitions),
    problems: parsed.flatMap(({ problems }) => problems),
    envNames: parsed.flatMap(({ envNames = [] }) => envNames),
  };
}

/** Whether a change of settings can change what the gateway is configured with: by itself, or through `${config:key}`. */
export function affectsGateway(event: vscode.ConfigurationChangeEvent): boolean {
  if (GATEWAY_SETTINGS.some((setting) => event.affectsConfiguration(setting))) return true;
  const text = JSON.stringify(configuredScopes().map(({ servers }) => servers));
  return [...text.matchAll(/\$\{config:([^}"]+)\}/g)].some(([, key]) =>
    event.affectsConfiguration(key ?? ''),
  );
}

function effectiveScopes(): Scope[] {
  const scopes = configuredScopes();
  const taken = new Set<string>();
  // From narrow to wide, so that the first to name a server keeps it; then back into the order that people read.
  return scopes
    .reverse()
    .map((scope) => {
      // What is no object at all is a problem that the parser words.
      if (typeof scope.servers !== 'object' || scope.servers === null || Array.isArray(scope.servers))
        return scope;
      const own = Object.entries(scope.servers).filter(([id]) => !taken.has(id));
      for (const [id] of own) taken.add(id);
      return { ...scope, servers: Object.fromEntries(own) };
    })
    .reverse();
}

/** From wide to narrow. */
function configuredScopes(): Scope[] {
  const folders = localFolders();
  // With several folders none of them is "the" folder, and a variable for it is a problem that names them.
  const only = folders.length === 1 ? folders[0] : undefined;
  const found = vscode.workspace.getConfiguration(SECTION).inspect('servers');
  const scopes: Scope[] = [{ servers: found?.globalValue, folder: only, cwd: homedir(), inheritEnv: 'all' }];
  if (vscode.workspace.isTrusted) {
    const cwd = folders[0]?.uri.fsPath ?? homedir();
    scopes.push({ servers: found?.workspaceValue, folder: only, cwd, inheritEnv: 'safe' });
    for (const folder of folders) {
      const inFolder = vscode.workspace.getConfiguration(SECTION, folder.uri).inspect('servers');
      scopes.push({
        servers: inFolder?.workspaceFolderValue,
        folder,
        cwd: folder.uri.fsPath,
        inheritEnv: 'safe',
      });
    }
  }
  return scopes.filter(({ servers }) => servers !== undefined);
}

/** Servers run on this machine; a virtual folder is not a place that they can see. */
const localFolders = (): readonly vscode.WorkspaceFolder[] =>
  (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');

function parseScope({ servers, folder, cwd, inheritEnv }: Scope): Promise<GatewayConfig> {
  return parseServers(servers, {
    place: SERVERS_SETTING,
    variables: variables(folder),
    defaultCwd: cwd,
    inheritEnv,
    readFile: readTextFile,
    filterProblem,
  });
}

function variables(folder: vscode.WorkspaceFolder | undefined): VariableContext {
  const folders = localFolders();
  return {
    workspaceFolder: folder?.uri.fsPath,
    workspaceFolders: new Map(folders.map(({ name, uri }) => [name, uri.fsPath])),
    userHome: homedir(),
    env: process.env,
    config: (key) => configValue(key, folder),
  };
}

/** In an untrusted workspace only what the user's own settings say, or the workspace could speak through them. */
function configValue(key: string, folder: vscode.WorkspaceFolder | undefined): unknown {
  const configuration = vscode.workspace.getConfiguration(undefined, folder?.uri);
  if (vscode.workspace.isTrusted) return configuration.get(key);
  const found = configuration.inspect(key);
  return found?.globalValue ?? found?.defaultValue;
}

function number(key: string, { fallback, min, max }: { fallback: number; min: number; max: number }): number {
  const value = read(key);
  return typeof value === 'number' && !Number.isNaN(value) ? Math.min(max, Math.max(min, value)) : fallback;
}

const read = (key: string): unknown => vscode.workspace.getConfiguration(SECTION).get(key);
