import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import * as vscode from 'vscode';
import { chat, gatewayApi, invoke, started, until } from './support.js';

const READY_MS = 60_000;

/** The tools that VS Code's own MCP client offers to agents under some prefix of its own. */
const offered = (...names: string[]): string[] =>
  names.filter((tool) => vscode.lm.tools.some(({ name }) => /^mcp_/.test(name) && name.endsWith(`_${tool}`)));

/** As a chat message does it: every server that has not been listed yet is started, in VS Code's sense. */
const startAll = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });

/** Until VS Code's client has listed these; it asks the provider a while after the start. */
async function untilOffered(...names: string[]): Promise<void> {
  await until(
    async () => {
      await startAll();
      return offered(...names).length === names.length;
    },
    `VS Code offers ${names.join(', ')}`,
    READY_MS,
  );
}

/** One tool of each of the example servers. */
const EXAMPLES = ['get-sum', 'list_allowed_directories', 'read_graph'];

describe('@main Agent mode', function () {
  this.timeout(2 * READY_MS);

  it("has the three servers' tools, and runs one through VS Code's own client", async () => {
    await untilOffered(...EXAMPLES);
    assert.match(await invoke('list_allowed_directories'), /Allowed directories/);
  });
});

describe('@second Agent mode at the second start', function () {
  this.timeout(2 * READY_MS);

  it('has the same tools without a process of a server', async () => {
    await untilOffered(...EXAMPLES);
    assert.deepEqual(await started(), []);
  });
});

/** Counts who connects to servers of this process, which the endpoint is one of. */
class Connections {
  readonly #counts = { socket: 0, port: 0 };
  readonly #count = (message: unknown): void => {
    const { remoteFamily } = (message as { socket: Socket }).socket;
    this.#counts[remoteFamily === undefined ? 'socket' : 'port']++;
  };

  constructor() {
    subscribe('net.server.socket', this.#count);
  }

  counts(): { socket: number; port: number } {
    return { ...this.#counts };
  }

  dispose(): void {
    unsubscribe('net.server.socket', this.#count);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/mcp`).then(
    () => true,
    () => false,
  );

describe('@agent Agent mode', function () {
  this.timeout(2 * READY_MS);

  let connections: Connections;

  before(() => {
    connections = new Connections();
    return untilOffered('read-note');
  });
  after(() => {
    connections.dispose();
  });

  it('comes over the socket of the endpoint, with each request, and never over its port', async function () {
    const before = connections.counts();
    assert.match(await invoke('read-note', { value: 'through' }), /through/);
    const { socket, port } = connections.counts();
    assert.ok(socket > before.socket, `${socket} connections at the socket`);
    assert.equal(port, 0);
  });

  it('has each server that is meant for it, and no other', () => {
    const ours = vscode.lm.tools.filter(({ name }) => name.endsWith('_read-note'));
    assert.equal(ours.length, 1);
  });

  it('reaches a server whose id does not stand in an address as it is', async () => {
    await untilOffered('read-slashed');
    assert.match(await invoke('read-slashed', { value: 'through' }), /through/);
  });

  it('gets a tool that its server adds, without a reload', async () => {
    await chat('@mcp call growing__add-tool {"name":"read-late"}');
    await until(() => offered('read-late').length === 1, 'the new tool is in lm.tools');
    assert.match(await invoke('read-late', { value: 'through' }), /through/);
  });

  it('connects again at the same socket when the port of the endpoint is another one', async () => {
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    const free = await freePort();
    const before = connections.counts();
    await configuration.update('endpoint.port', free, vscode.ConfigurationTarget.Global);
    try {
      await until(() => answers(free), 'the endpoint is at the other port');
      const probes = connections.counts().port - before.port;
      await until(
        async () => {
          await startAll();
          return invoke('read-note', { value: 'again' }).then(
            (text) => text.includes('again'),
            () => false,
          );
        },
        'agent mode has connected again',
        READY_MS,
      );
      assert.equal(connections.counts().port - before.port, probes);
    } finally {
      await configuration.update('endpoint.port', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('loses its servers when it is switched off, and has them again when it is switched on', async () => {
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    await configuration.update('agentMode.enabled', false, vscode.ConfigurationTarget.Global);
    await until(() => offered('read-note').length === 0, 'the tools are gone', READY_MS);
    await configuration.update('agentMode.enabled', undefined, vscode.ConfigurationTarget.Global);
    await untilOffered('read-note', 'read-late');
    assert.deepEqual([...new Set(await started())].sort(), ['growing', 'hidden', 'slashed']);
    const { servers } = await gatewayApi();
    assert.equal(servers().length, 3);
  });
});
