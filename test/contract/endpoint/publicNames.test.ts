import assert from 'node:assert/strict';
import { publicToolName } from '../../../src/gateway/catalog/publicName.js';
import { CANONICAL_NAMES } from '../../../src/gateway/model/nameForm.js';
import { nameFormOf } from '../../../src/endpoint/relay/nameForms.js';
import { testEndpoint, textOf, type TestClient } from '../../support/endpoint.js';
import { scriptedServer } from '../../support/gateway.js';

/** As twilio's server names its tools. */
const LONG = 'TwilioApiV2010--ListAvailablePhoneNumberLocal';
const TOOLS = [LONG, 'getIssue', 'echo', 'TwilioApiV2010--FetchBalance'];

describe('Names at /mcp, for each client', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const toolsOf = async ({ request }: TestClient): Promise<string[]> =>
    ((await request('tools/list')).tools as { name: string }[]).map(({ name }) => name);

  for (const [name, longest, kept] of [
    ['claude-ai', 64, true],
    ['claude-code', 41, true],
    ['codex-mcp-client', 41, true],
    ['gemini-cli-mcp-client', 42, true],
    ['cursor-vscode', 43, true],
    ['github-copilot-developer', 47, true],
    ['Visual Studio Code', 46, false],
    ['test', 46, false],
    ['toString', 46, false],
  ] as const)
    it(`lists for ${name} what it can pass on, and understands these names and the canonical ones`, async () => {
      const { connect } = await testEndpoint(
        {
          twilio: scriptedServer({
            tools: TOOLS,
            results: Object.fromEntries(
              TOOLS.map((tool) => [tool, { content: [{ type: 'text', text: tool }] }]),
            ),
            prompts: true,
          }),
        },
        cleanups,
      );
      const client = await connect(undefined, { name });
      const names = await toolsOf(client);
      const form = nameFormOf(name);
      assert.deepEqual(form, { maxLength: longest, letterCase: kept ? 'kept' : 'lower' });
      assert.deepEqual(
        names,
        TOOLS.map((tool) => publicToolName('twilio', tool, form)),
      );
      for (const one of names) {
        assert.ok(one.length <= longest, one);
        assert.match(one, kept ? /^[A-Za-z0-9_-]+$/ : /^[a-z0-9_-]+$/);
      }
      for (const [index, tool] of TOOLS.entries())
        for (const one of [names[index], publicToolName('twilio', tool, CANONICAL_NAMES)])
          assert.equal(textOf(await client.request('tools/call', { name: one, arguments: {} })), tool);
    });

  it('gives sessions at the same time names of their own length, and none the long ones of another', async () => {
    const { connect } = await testEndpoint({ twilio: scriptedServer({ tools: TOOLS }) }, cleanups);
    const [long, short] = [await connect(undefined, { name: 'claude-ai' }), await connect()];
    const [longNames, shortNames] = await Promise.all([toolsOf(long), toolsOf(short)]);
    assert.equal(longNames[0], `twilio__${LONG}`);
    assert.ok(shortNames.every((name) => name.length <= 46));
    await assert.rejects(short.request('tools/call', { name: longNames[0], arguments: {} }), {
      code: -32602,
      message: new RegExp(`Did you mean.*${shortNames[0]}`),
    });
  });
});
