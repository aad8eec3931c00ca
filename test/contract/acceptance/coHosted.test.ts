import assert from 'node:assert/strict';
import type { Gateway } from '../../../src/gateway/api.js';
import type { CallToolResult } from '../../../src/gateway/model/results.js';
import { startScriptedHttp, type Inside } from '../../fixtures/servers/scripted/http.mjs';
import { G, testGateway, timed, until } from '../../support/gateway.js';

/** What a call may take that should not wait for anything. */
const PROMPT_MS = 1000;

/** Servers in the process of the gateway, on its event loop: what waits for them in the wrong way waits for ever. */
describe('Servers in the same process as the gateway', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const text = ({ content }: CallToolResult): string => String(content[0]?.text);

  async function host(tools: readonly string[], inside?: Inside): Promise<string> {
    const { url, close } = await startScriptedHttp({ tools }, inside);
    cleanups.push(close);
    return url;
  }

  for (const callers of [1, 100])
    it(`NoWaitWhileHolding: a cold first call by ${callers} at once takes at most twice a warm one + 200 ms`, async () => {
      const url = await host(['echo']);
      const calls = (gateway: Gateway): Promise<unknown> =>
        Promise.all(
          Array.from({ length: callers }, async (_, value) => {
            const answer = await gateway.callTool('web__echo', { value });
            assert.equal(text(answer), JSON.stringify({ value }));
          }),
        );
      const over: number[] = [];
      // The first gateway also loads the client's code; and of the others one may meet a busy machine.
      for (let turn = 0; turn < 4; turn++) {
        const { gateway } = await testGateway({ web: { url } }, cleanups, { gracePeriodMs: 50 * G });
        const [cold] = await timed(() => calls(gateway));
        const [warm] = await timed(() => calls(gateway));
        over.push(cold - 2 * warm);
        await gateway.dispose();
      }
      assert.ok(Math.min(...over) <= 200, `${over.map(Math.round).join(', ')} ms more than twice a warm one`);
    });

  /** Two servers of one place each, whose tools call on through the gateway with the token that they were given. */
  async function nested(): Promise<Gateway> {
    const { gateway, configure } = await testGateway({}, cleanups, { gracePeriodMs: 50 * G });
    const calling =
      (tool: (args: Record<string, unknown>) => string) =>
      async (args: Record<string, unknown>, meta: Record<string, unknown>): Promise<object> => {
        const caller = String(meta['mcp-tool-gateway/call']);
        try {
          return await gateway.callTool(tool(args), args, { caller });
        } catch (error) {
          // As a server would tell its client.
          return { isError: true, content: [{ type: 'text', text: (error as { code: string }).code }] };
        }
      };
    const tools = {
      'to-a': calling(() => 'a__echo'),
      'to-b': calling(() => 'b__to-a'),
      'echo-at-a': calling(() => 'a__echo'),
      'echo-at-b': calling(() => 'b__echo'),
      self: calling(() => 'a__self'),
    };
    const names = ['echo', ...Object.keys(tools)];
    const one = { maxConcurrency: 1, timeouts: { callMs: 20 * G } };
    await configure({
      a: { url: await host(names, { tools }), ...one },
      b: { url: await host(names, { tools }), ...one },
    });
    assert.deepEqual((await gateway.listTools()).omitted, []);
    return gateway;
  }

  for (const [way, tool] of [
    ['A→A', 'a__to-a'],
    ['A→B→A', 'a__to-b'],
  ] as const)
    it(`NoWaitWhileHolding: ${way} with room for one call a server completes at once, also 20 at a time`, async () => {
      const gateway = await nested();
      const [ms, answer] = await timed(() => gateway.callTool(tool, { value: 'round' }));
      assert.equal(text(answer), '{"value":"round"}');
      assert.ok(ms < PROMPT_MS, `${ms} ms`);
      const values = Array.from({ length: 20 }, (_, index) => index);
      const [all, answers] = await timed(() =>
        Promise.all(values.map((value) => gateway.callTool(tool, { value }))),
      );
      assert.deepEqual(
        answers.map(text),
        values.map((value) => JSON.stringify({ value })),
      );
      assert.ok(all < 20 * PROMPT_MS, `${all} ms`);
    });

  it('NoWaitWhileHolding: calls that cross between two servers with room for one call each do not wait for each other', async () => {
    const gateway = await nested();
    await gateway.callTool('b__echo', {});
    const both = Array.from({ length: 10 }, (_, value) =>
      [gateway.callTool('a__echo-at-b', { value }), gateway.callTool('b__echo-at-a', { value })].map(
        async (answer) => [text(await answer), `{"value":${value}}`],
      ),
    ).flat();
    const [ms, answers] = await timed(() => Promise.all(both));
    for (const [got, expected] of answers) assert.equal(got, expected);
    assert.ok(ms < 10 * PROMPT_MS, `${ms} ms`);
  });

  it('AcyclicOrBounded: a tool that calls itself without end fails with a depth error at once, and its server goes on', async () => {
    const gateway = await nested();
    const [ms, answer] = await timed(() => gateway.callTool('a__self', {}));
    assert.deepEqual([answer.isError, text(answer)], [true, 'too-deep']);
    assert.ok(ms < PROMPT_MS, `${ms} ms`);
    assert.equal(text(await gateway.callTool('a__echo', { value: 1 })), '{"value":1}');
  });

  it('NoWaitWhileHolding: a server that lists through the gateway before it answers initialize is listed, and so is the rest', async () => {
    const grace = 3 * G;
    const { gateway, configure } = await testGateway({}, cleanups, { gracePeriodMs: grace });
    const inner: ReturnType<Gateway['listTools']>[] = [];
    const url = await host(['echo'], {
      onInitialize: async () => {
        inner.push(gateway.listTools());
        await inner[0];
      },
    });
    await configure({ asks: { url }, rest: { url: await host(['other']) } });
    const [ms, listings] = await timed(async () => [await gateway.listTools(), await inner[0]!]);
    assert.ok(ms <= 1.3 * grace, `${ms} ms`);
    const expected = { items: ['rest__other'], omitted: [['asks', 'starting']] };
    for (const { items, omitted } of listings)
      assert.deepEqual(
        {
          items: items.map(({ name }) => name),
          omitted: omitted.map(({ server, reason }) => [server, reason]),
        },
        expected,
      );
    await until(async () => (await gateway.listTools()).items.length === 2, 'both are listed', 20 * G);
    assert.equal(text(await gateway.callTool('asks__echo', { value: 1 })), '{"value":1}');
  });
});
