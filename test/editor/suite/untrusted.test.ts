import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chat, gatewayApi, started, until } from './support.js';

describe('@untrusted An untrusted workspace', () => {
  it("starts nothing of its own, while the user's servers go on", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const { listTools, servers } = await gatewayApi();
    await until(() => servers().length > 0, 'the settings are read');
    const { items, omitted } = await listTools();
    assert.deepEqual(
      servers().map(({ id }) => id),
      ['mine'],
    );
    assert.deepEqual([...new Set(items.map(({ server }) => server))], ['mine']);
    assert.deepEqual(
      omitted.map(({ server, reason }) => [server, reason]),
      [['here', 'needs-trust']],
    );
    assert.match(omitted[0]?.message ?? '', /this folder is not trusted/);
    assert.deepEqual(await started(), ['mine']);
  });

  it('says that what the folder configures is left out', async () => {
    await chat('@mcp /servers');
    const [request] = await chat('@mcp remember');
    const texts = JSON.stringify(request?.messages);
    assert.match(texts, /servers in the settings of this folder are left out while it is not trusted/);
    assert.deepEqual(await started(), ['mine']);
  });
});
