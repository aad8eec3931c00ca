import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { gatewayApi, started, until } from './support.js';

describe('@untrusted An untrusted workspace', () => {
  it("starts nothing of its own, while the user's servers go on", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const { listTools, servers } = await gatewayApi();
    await until(() => servers().length > 0, 'the settings are read');
    const { items } = await listTools();
    assert.deepEqual(
      servers().map(({ id }) => id),
      ['mine'],
    );
    assert.deepEqual([...new Set(items.map(({ server }) => server))], ['mine']);
    assert.deepEqual(await started(), ['mine']);
  });
});
