import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { chat, gatewayApi, until } from './support.js';

describe('@bad Twenty bad servers and one whose tools change', () => {
  it('NonBlockingActivate: activate() returns within 200 ms', async () => {
    await gatewayApi();
    const clock = vscode.extensions.getExtension<{ times: number[] }>(
      'mcp-tool-gateway-tests.activation-clock',
    );
    const { times } = await clock!.activate();
    console.log(`activated in ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.equal(times.length, 1);
    assert.ok(times[0]! < 200, `${times[0]} ms`);
  });

  it('TurnSnapshotStable: a tool that comes while a turn runs is in the next turn, and not in that one', async () => {
    const { listTools, servers } = await gatewayApi();
    const listed = async (name: string): Promise<boolean> =>
      (await listTools()).items.some((item) => item.name === name);
    await until(() => listed('growing__sleep'), 'the good server is listed');
    let cameDuringTurn = false;
    const came = until(() => listed('growing__fresh'), 'the new tool is listed').then(() => {
      cameDuringTurn = true;
    });
    const requests = await chat(
      '@mcp call growing__add-tool {"name":"fresh"}\ncall growing__sleep {"ms":3000}',
    );
    assert.ok(cameDuringTurn, 'the turn was still running when the tool came');
    await came;
    assert.equal(requests.length, 2);
    const before = ['growing__add-tool', 'growing__sleep'];
    for (const { tools } of requests) assert.deepEqual([...tools].sort(), before);
    const [next] = await chat('@mcp hello');
    assert.deepEqual([...next!.tools].sort(), [...before, 'growing__fresh'].sort());
    assert.equal(servers().length, 21);
  });
});
