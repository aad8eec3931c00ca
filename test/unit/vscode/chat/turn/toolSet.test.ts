import assert from 'node:assert/strict';
import { MAX_TOOLS, toolsForTurn } from '../../../../../src/vscode/chat/turn/toolSet.js';
import { listedTool } from '../support.js';

const tools = [
  listedTool('git', 'log'),
  listedTool('git', 'log-all'),
  listedTool('files', 'read'),
  listedTool('files2', 'read'),
];
const names = async (prompt: string, attached: readonly string[] = []): Promise<string[]> =>
  (await toolsForTurn(tools, prompt, attached)).tools.map(({ name }) => name);

describe('toolsForTurn', () => {
  it('offers all tools when none is named', async () => {
    assert.equal((await names('show the log')).length, 4);
    assert.equal((await names('issue #12 and #nothing, a#git__log')).length, 4);
  });

  it('offers only what #name means: a public name as a whole word', async () => {
    assert.deepEqual(await names('use #git__log, please'), ['git__log']);
    assert.deepEqual(await names('(#git__log-all)'), ['git__log-all']);
  });

  it('takes #server for all of its tools', async () => {
    assert.deepEqual(await names('#files what is there?'), ['files__read']);
    assert.deepEqual(await names('#git #files2'), ['git__log', 'git__log-all', 'files2__read']);
  });

  it('takes attached tools by their public name, with any prefix before it', async () => {
    assert.deepEqual(await names('', ['mcp_gateway_git__log']), ['git__log']);
    assert.deepEqual(await names('', ['files__read']), ['files__read']);
    assert.equal((await names('', ['fetch', ''])).length, 4);
  });

  it('offers at most what a model takes, those that fit the prompt, and tells how many are left out', async () => {
    const many = Array.from({ length: 300 }, (_, index) => listedTool('many', `tool-${index}`));
    const { tools: chosen, leftOut } = await toolsForTurn(
      [...many, listedTool('git', 'blame')],
      'git blame',
      [],
    );
    assert.equal(chosen.length, MAX_TOOLS);
    assert.equal(leftOut, 301 - MAX_TOOLS);
    assert.ok(chosen.some(({ name }) => name === 'git__blame'));
  });

  it('describes tools to the model: bounded, never empty, with properties', async () => {
    const long = listedTool('s', 'long', { description: 'x'.repeat(10_000) });
    const bare = listedTool('s', 'bare', { title: 'Bare', inputSchema: { type: 'object' } });
    const [first, second] = (await toolsForTurn([long, bare], '', [])).offered();
    assert.equal(first?.description.length, 4000);
    assert.deepEqual(second, {
      name: 's__bare',
      description: 'Bare',
      inputSchema: { type: 'object', properties: {} },
    });
  });
});
