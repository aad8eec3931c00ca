import * as vscode from 'vscode';
import type { ServerDefinition } from '../../gateway/model/definition.js';
import type { CatalogStore } from '../../gateway/ports.js';
import { atMost } from '../../base/async/abort.js';
import { withSignal } from '../cancellation.js';
import type { EndpointRunner } from '../endpoint/endpointRunner.js';
import type { TokenKeeper } from '../endpoint/tokenKeeper.js';
import type { SettingsFollower } from '../followSettings.js';
import { AGENT_MODE_SETTING, settings } from '../settings.js';
import { addressOf, labelsOf, SessionVersions } from './definitions.js';

/** As in `contributes.mcpServerDefinitionProviders`. */
const PROVIDER = 'mcp-tool-gateway.servers';
/** Milliseconds that VS Code waits for the settings to be read and the endpoint to be open. */
const MAX_READY_MS = 20_000;

export interface AgentModeParts {
  readonly endpoint: EndpointRunner;
  readonly token: TokenKeeper;
  readonly follower: SettingsFollower;
  readonly store: Pick<CatalogStore, 'load'>;
}

/** Gives VS Code's agent mode the servers: one definition each, at the endpoint. */
export function registerAgentMode(parts: AgentModeParts): vscode.Disposable {
  const agentMode = new AgentMode(parts);
  return vscode.Disposable.from(
    agentMode,
    vscode.lm.registerMcpServerDefinitionProvider(PROVIDER, agentMode),
  );
}

class AgentMode implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition> {
  readonly #parts: AgentModeParts;
  readonly #versions: SessionVersions;
  readonly #changes = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable;
  /** The set of servers as VS Code was last told of it. */
  #announced = '';
  /** How often the token was another since the start: what VS Code has connected with the old one must begin anew. */
  #rotations = 0;

  readonly onDidChangeMcpServerDefinitions = this.#changes.event;

  constructor(parts: AgentModeParts) {
    this.#parts = parts;
    this.#versions = new SessionVersions(parts.store);
    const update = (): void => {
      this.#announce();
    };
    this.#subscriptions = vscode.Disposable.from(
      this.#changes,
      parts.follower.onDidConfigure(update),
      parts.endpoint.onDidChange(update),
      parts.token.onDidChange(() => {
        this.#rotations++;
        update();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(AGENT_MODE_SETTING)) update();
      }),
    );
  }

  /** Asked for eagerly: an empty answer that is only early would be taken for the truth. */
  async provideMcpServerDefinitions(
    token: vscode.CancellationToken,
  ): Promise<vscode.McpHttpServerDefinition[]> {
    await this.#ready(token);
    const { endpoint } = this.#parts.endpoint;
    const servers = this.#servers();
    const rotations = this.#rotations;
    this.#announced = this.#signature();
    const labels = labelsOf(servers);
    if (!endpoint) return [];
    const definitions = servers.map(async (server) => {
      const version = await this.#versions.of(server);
      return new vscode.McpHttpServerDefinition(
        labels.get(server.id) ?? server.id,
        vscode.Uri.from(addressOf(endpoint, server.id)),
        // VS Code keeps these in plain storage: the token comes when a server is started.
        {},
        rotations === 0 ? version : `${version}.${rotations}`,
      );
    });
    return Promise.all(definitions);
  }

  /** @throws when there is no endpoint, in a sentence that VS Code shows */
  async resolveMcpServerDefinition(
    definition: vscode.McpHttpServerDefinition,
    token: vscode.CancellationToken,
  ): Promise<vscode.McpHttpServerDefinition> {
    await this.#ready(token);
    const { endpoint } = this.#parts.endpoint;
    const servers = this.#servers();
    const labels = labelsOf(servers);
    const server = servers.find(({ id }) => labels.get(id) === definition.label);
    if (!endpoint || !server)
      throw new Error(
        endpoint
          ? `${definition.label} is not in mcpGateway.servers any more. Add it there again to use it.`
          : 'The endpoint of MCP Gateway is not open, so agent mode cannot reach its servers. The log of MCP Gateway says why.',
      );
    // What VS Code kept from its last start may name another place.
    definition.uri = vscode.Uri.from(addressOf(endpoint, server.id));
    definition.headers = { Authorization: `Bearer ${this.#parts.token.current}` };
    return definition;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #ready(token: vscode.CancellationToken): Promise<void> {
    const { follower, endpoint } = this.#parts;
    return withSignal(token, (signal) =>
      atMost(Promise.all([follower.ready, endpoint.settled()]), MAX_READY_MS, signal),
    );
  }

  /** Those that agent mode has now, in the order of the settings. */
  #servers(): readonly ServerDefinition[] {
    const { endpoint, follower } = this.#parts;
    return endpoint.endpoint && settings.agentMode
      ? follower.definitions().filter(({ agentMode }) => agentMode)
      : [];
  }

  /** All that makes the set another one; what a server offers is for `list_changed`. */
  #signature(): string {
    const servers = this.#servers();
    const { endpoint } = this.#parts.endpoint;
    const address = endpoint && addressOf(endpoint, '');
    return JSON.stringify([address, this.#rotations, [...labelsOf(servers)].sort()]);
  }

  #announce(): void {
    const signature = this.#signature();
    if (signature === this.#announced) return;
    this.#announced = signature;
    this.#changes.fire();
  }
}
