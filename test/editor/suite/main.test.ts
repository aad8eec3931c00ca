import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { chat, EXTENSION_ID, gatewayApi, scenarioFile, started, until } from './support.js';

const READY_MS = 60_000;

describe('@main Three real servers', () => {
  before(async function () {
    this.timeout(READY_MS);
    const { servers } = await gatewayApi();
    await until(
      () => servers().length === 3 && servers().every(({ cacheState }) => cacheState === 'Live'),
      'the servers are live',
      READY_MS,
    );
  });

  it('registers every command of the manifest', async () => {
    const manifest = vscode.extensions.getExtension(EXTENSION_ID)?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    const declared = manifest.contributes.commands.map(({ command }) => command);
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('lists their tools, and leaves the list for the second start', async () => {
    const { listTools } = await gatewayApi();
    const { items, omitted, stale } = await listTools();
    assert.deepEqual([omitted, stale], [[], []]);
    const names = items.map(({ name }) => name);
    for (const name of ['everything__echo', 'filesystem__read_text_file', 'memory__create_entities'])
      assert.ok(names.includes(name), name);
    assert.deepEqual((await started()).sort(), ['everything', 'filesystem', 'memory']);
    await writeFile(scenarioFile('tools.json'), JSON.stringify(names));
  });

  it('@mcp /tools lists them in the answer', async () => {
    assert.deepEqual(await chat('@mcp /tools'), [], 'no model was asked');
    // What the participant answered comes back to it as history.
    const [request] = await chat('@mcp remember');
    const texts = JSON.stringify(request?.messages);
    for (const name of ['everything__echo', 'filesystem__read_text_file', 'memory__create_entities'])
      assert.ok(texts.includes(name), name);
  });

  it('offers the tools to the model, runs its calls and feeds the results back', async () => {
    const requests = await chat(
      '@mcp call everything__echo {"message":"from the model"}\ncall everything__get-sum {"a":2,"b":3}',
    );
    assert.equal(requests.length, 2);
    assert.ok(requests[0]!.tools.includes('everything__echo'));
    const last = JSON.stringify(requests[1]!.messages.at(-1));
    assert.match(last, /from the model/);
    assert.match(last, /\b5\b/);
    assert.deepEqual(requests[0]!.tools, requests[1]!.tools, 'TurnSnapshotStable');
  });

  it('#references restrict the tools', async () => {
    const [request] = await chat('@mcp #everything__echo hello');
    assert.deepEqual(request?.tools, ['everything__echo']);
  });

  it('a settings change restarts exactly the server that it changed', async () => {
    const { servers, listTools } = await gatewayApi();
    const before = await started();
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    const defined =
      configuration.inspect<Record<string, { env: Record<string, string> }>>('servers')?.workspaceValue;
    assert.ok(defined);
    const changed = {
      ...defined,
      memory: { ...defined.memory, env: { ...defined.memory?.env, SOMETHING: 'else' } },
      everything: { ...defined.everything, title: 'Renamed' },
    };
    await configuration.update('servers', changed, vscode.ConfigurationTarget.Workspace);
    await until(async () => (await started()).length > before.length, 'something starts');
    await until(() => servers().every(({ cacheState }) => cacheState === 'Live'), 'the servers are live');
    assert.deepEqual(await started(), [...before, 'memory']);
    const { items } = await listTools();
    assert.equal(items.find(({ server }) => server === 'everything')?.serverTitle, 'Renamed');

    await configuration.update('servers', defined, vscode.ConfigurationTarget.Workspace);
    await until(
      () => servers().every(({ cacheState, title }) => cacheState === 'Live' && title !== 'Renamed'),
      'the first settings are in force',
    );
  });

  it('says what is wrong with a server, and runs the others', async () => {
    const { servers } = await gatewayApi();
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    const defined = configuration.inspect<Record<string, unknown>>('servers')?.workspaceValue;
    const before = await started();
    await configuration.update(
      'servers',
      { ...defined, broken: { type: 'stdio' } },
      vscode.ConfigurationTarget.Workspace,
    );
    const [request] = await chat('@mcp #everything__echo hello');
    assert.deepEqual(request?.tools, ['everything__echo']);
    const { listTools } = await gatewayApi();
    await until(async () => (await listTools()).omitted.length > 0, 'the problem is known');
    const { omitted } = await listTools();
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [['broken', 'invalid']],
    );
    assert.match(omitted[0]!.message, /mcpGateway\.servers\.broken\.command/);
    assert.equal(servers().length, 3);
    assert.deepEqual(await started(), before);
    await configuration.update('servers', defined, vscode.ConfigurationTarget.Workspace);
    await until(async () => (await listTools()).omitted.length === 0, 'the problem is gone');
  });

  it('AcyclicOrBounded: refuses itself as a server, by the path that it is installed at', async () => {
    const { servers, listTools } = await gatewayApi();
    const programs = join(vscode.extensions.getExtension(EXTENSION_ID)!.extensionPath, 'dist');
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    const defined = configuration.inspect<Record<string, unknown>>('servers')?.workspaceValue;
    const own = Object.fromEntries(
      ['cli.js', 'extension.js'].map((name) => [name, { command: 'node', args: [name], cwd: programs }]),
    );
    await configuration.update('servers', { ...defined, ...own }, vscode.ConfigurationTarget.Workspace);
    await until(
      () => servers().filter(({ failure }) => failure?.code === 'self').length === 2,
      'both programs are refused',
    );
    const { items, omitted } = await listTools();
    assert.deepEqual(
      omitted.map(({ server, message }) => [server, message]),
      Object.keys(own).map((id) => [id, 'This is the gateway itself. Remove it from mcpGateway.servers.']),
    );
    assert.ok(items.some(({ name }) => name === 'everything__echo'));
    await configuration.update('servers', defined, vscode.ConfigurationTarget.Workspace);
    await until(async () => (await listTools()).omitted.length === 0, 'the others are left');
  });

  it('says so when the whole setting is of the wrong type', async () => {
    const { servers } = await gatewayApi();
    const configuration = vscode.workspace.getConfiguration('mcpGateway');
    const defined = configuration.inspect<Record<string, unknown>>('servers')?.workspaceValue;
    await configuration.update('servers', 'not an object', vscode.ConfigurationTarget.Workspace);
    await until(() => servers().length === 0, 'the setting is read');
    await chat('@mcp /servers');
    const [request] = await chat('@mcp remember');
    assert.match(JSON.stringify(request?.messages), /must be an object of servers by name/);
    await configuration.update('servers', defined, vscode.ConfigurationTarget.Workspace);
    await until(
      () => servers().length === 3 && servers().every(({ tools }) => tools !== undefined),
      'the servers are back',
    );
  });
});
