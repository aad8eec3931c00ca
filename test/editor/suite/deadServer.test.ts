import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chat, gatewayApi, until } from './support.js';

describe('@dead One dead server among three', () => {
  it('the first listing comes within 1.2 × grace, the second within 0.1 ×', async () => {
    const grace = vscode.workspace.getConfiguration('mcpGateway').get<number>('gracePeriodMs')!;
    const { listTools, servers } = await gatewayApi();
    await until(() => servers().length === 3, 'the settings are read');
    const times: number[] = [];
    for (let round = 0; round < 2; round++) {
      const start = performance.now();
      const { omitted } = await listTools();
      times.push(performance.now() - start);
      assert.ok(omitted.some(({ server, reason }) => server === 'dead' && reason === 'starting'));
    }
    console.log(
      `grace ${grace} ms, first list ${times[0]!.toFixed(0)} ms, second ${times[1]!.toFixed(1)} ms`,
    );
    assert.ok(times[0]! <= 1.2 * grace, `${times[0]} ms`);
    assert.ok(times[1]! <= 0.1 * grace, `${times[1]} ms`);
  });

  it('a chat turn has the good tools at once', async () => {
    const { servers } = await gatewayApi();
    await until(
      () => servers().filter(({ cacheState }) => cacheState === 'Live').length === 2,
      'the good servers are live',
    );
    const [request] = await chat('@mcp hello');
    assert.ok(request?.tools.includes('everything__echo'));
  });
});
