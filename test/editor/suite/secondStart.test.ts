import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { chat, gatewayApi, invoke, scenarioFile, started } from './support.js';

describe('@second The second start of VS Code', () => {
  it('has the same tools as the first, with zero server processes', async () => {
    const { listTools, servers } = await gatewayApi();
    const expected = JSON.parse(await readFile(scenarioFile('tools.json'), 'utf8')) as string[];
    const { items, omitted, stale } = await listTools();
    assert.deepEqual(
      items.map(({ name }) => name),
      expected,
    );
    assert.deepEqual([omitted, stale], [[], []]);
    assert.deepEqual(
      servers().map(({ cacheState }) => cacheState),
      ['Cached', 'Cached', 'Cached'],
    );
    assert.deepEqual(await chat('@mcp /tools'), []);
    const [request] = await chat('@mcp which tools are there?');
    assert.deepEqual([...request!.tools].sort(), [...expected].sort());
    assert.deepEqual(await started(), []);
  });

  it('starts a server when one of its tools is called, and only that one', async () => {
    const requests = await chat('@mcp call everything__echo {"message":"woken"}');
    assert.match(JSON.stringify(requests.at(-1)!.messages.at(-1)), /woken/);
    assert.deepEqual(await started(), ['everything']);
  });

  it('reaches a server through the definition that VS Code kept of the first start', async () => {
    assert.match(await invoke('list_allowed_directories'), /Allowed directories/);
    assert.deepEqual(await started(), ['everything', 'filesystem']);
  });
});
