import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chat, gatewayApi, started, until } from './support.js';

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

/** Runs a tool through VS Code's own client. */
async function invoke(tool: string, input: object = {}): Promise<string> {
  const found = vscode.lm.tools.find(({ name }) => /^mcp_/.test(name) && name.endsWith(`_${tool}`));
  assert.ok(found, `${tool} is in lm.tools`);
  const { content } = await vscode.lm.invokeTool(found.name, { input, toolInvocationToken: undefined });
  return JSON.stringify(content);
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

describe('@agent Agent mode', function () {
  this.timeout(2 * READY_MS);

  before(() => untilOffered('read-note'));

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
