import assert from 'node:assert/strict';
import type { Gateway } from '../../../../../src/gateway/api.js';
import { callTimeout, cancelled, toolChanged } from '../../../../../src/gateway/model/errors.js';
import type { ApprovalRequest } from '../../../../../src/vscode/chat/approval/approval.js';
import type { CallPart } from '../../../../../src/vscode/chat/turn/messages.js';
import { type CallRunnerParts, runCalls } from '../../../../../src/vscode/chat/turn/runCalls.js';
import { ToolSet } from '../../../../../src/vscode/chat/turn/toolSet.js';
import { gate, listedTool, listing, recordedAnswer, silentLog } from '../support.js';

type CallTool = Gateway['callTool'];

const echo = listedTool('everything', 'echo', { title: 'Echo *Tool*' });
const echoes: CallTool = (_name, args) =>
  Promise.resolve({ content: [{ type: 'text', text: JSON.stringify(args) }] });

const call = (input: unknown, name = echo.name): CallPart => ({ type: 'call', id: 'id', name, input });

function runner(callTool: CallTool, more: Partial<CallRunnerParts> = {}) {
  const answer = recordedAnswer();
  const parts: CallRunnerParts = {
    gateway: { callTool, listTools: () => Promise.resolve(listing()) },
    tools: new ToolSet([echo, listedTool('memory', 'read_graph')], 0),
    allows: () => Promise.resolve(true),
    answer,
    log: silentLog,
    maxResultText: 1000,
    ...more,
  };
  const run = async (
    calls: readonly CallPart[],
    signal = new AbortController().signal,
  ): Promise<string[]> => {
    const results = await runCalls(calls, parts, signal);
    return results.map(({ content }) =>
      content.map((part) => (part.type === 'text' ? part.text : '')).join('|'),
    );
  };
  return { run, answer };
}

describe('runCalls', () => {
  it('runs a call, says so, and gives its result', async () => {
    const { run, answer } = runner(echoes);
    assert.deepEqual(await run([call({ a: 1 })]), ['{"a":1}']);
    assert.deepEqual(answer.said, ['progress: Running Echo \\*Tool\\* on everything…']);
  });

  it('runs the calls of a round in parallel and answers in their order', async () => {
    const second = gate();
    const { run } = runner(async (_name, args) => {
      if (args.n === 1) await second.opened;
      else second.open();
      return { content: [{ type: 'text', text: String(args.n) }] };
    });
    assert.deepEqual(await run([call({ n: 1 }), call({ n: 2 })]), ['1', '2']);
  });

  it('does not run a tool that is not in the turn, and names the nearest', async () => {
    const { run } = runner(() => assert.fail());
    const [text] = await run([call({}, 'everything__ecko')]);
    assert.match(
      text ?? '',
      /^Error: There is no tool named "everything__ecko"; nothing was run.*everything__echo/,
    );
  });

  it('takes what models send as arguments: nothing, a string, an object', async () => {
    const { run } = runner(echoes);
    const inputs = [undefined, null, '', '{"a":1}', { a: 1 }];
    assert.deepEqual(await run(inputs.map((input) => call(input))), ['{}', '{}', '{}', '{"a":1}', '{"a":1}']);
  });

  it('does not run a call whose arguments are no object', async () => {
    const { run } = runner(() => assert.fail());
    for (const text of await run(['{"a":', '[1]', 7, [1]].map((input) => call(input))))
      assert.match(text, /^Error: The arguments of everything__echo are not a JSON object; nothing was run/);
  });

  it('does not run a call that was not allowed, and tells the model', async () => {
    const { run, answer } = runner(() => assert.fail(), { allows: () => Promise.resolve(false) });
    assert.match(
      (await run([call({})]))[0] ?? '',
      /did not allow this call of everything__echo; it was not run/,
    );
    assert.deepEqual(answer.said, []);
  });

  it('asks with the arguments that are sent', async () => {
    const asked: unknown[] = [];
    const { run } = runner(echoes, {
      allows: ({ args }) => {
        asked.push(args);
        return Promise.resolve(true);
      },
    });
    await run([call('{"a":1}')]);
    assert.deepEqual(asked, [{ a: 1 }]);
  });

  describe('when the tool turns out to have changed', () => {
    const now = { ...echo, tool: { ...echo.tool, description: 'Deletes everything' } };
    const refusing: CallTool = (_name, args, options) =>
      options?.listed?.tool.description === now.tool.description
        ? Promise.resolve({ content: [{ type: 'text', text: `ran, checked ${options.checkArguments}` }] })
        : Promise.reject(toolChanged('everything', 'echo'));

    function changing(answers: readonly boolean[], callTool = refusing) {
      const asked: ApprovalRequest[] = [];
      const made = runner(callTool, {
        gateway: { callTool, listTools: () => Promise.resolve(listing(now)) },
        allows: (request) => Promise.resolve(answers[asked.push(request) - 1] ?? false),
      });
      return { ...made, asked };
    }

    it('asks about what it is now, with what it was, and checks the arguments', async () => {
      const { run, asked } = changing([true, true]);
      assert.deepEqual(await run([call({})]), ['ran, checked true']);
      assert.deepEqual(
        asked.map(({ tool, former }) => [tool, former]),
        [
          [echo, undefined],
          [now, { definition: echo.tool, toolChanged: true, serverChanged: false }],
        ],
      );
    });

    it('runs nothing when that is denied', async () => {
      const { run } = changing([true, false]);
      assert.match((await run([call({})]))[0] ?? '', /did not allow this call/);
    });

    it('goes on with what it is now for the rest of the turn', async () => {
      const { run, asked } = changing([true, true, true]);
      await run([call({})]);
      assert.deepEqual(await run([call({})]), ['ran, checked true']);
      assert.deepEqual(asked.at(-1)?.tool, now);
    });

    it('gives the model the error when it changes all the time, or is gone', async () => {
      const always: CallTool = () => Promise.reject(toolChanged('everything', 'echo'));
      const { run, asked } = changing([true, true, true], always);
      assert.match((await run([call({})]))[0] ?? '', /\(tool-changed\)$/);
      assert.equal(asked.length, 2);
      const { run: runGone } = runner(always);
      assert.match((await runGone([call({})]))[0] ?? '', /\(tool-changed\)$/);
    });
  });

  it('gives a failure of the gateway its code and sentence', async () => {
    const { run } = runner(() => Promise.reject(callTimeout('everything', 100, undefined)));
    assert.match((await run([call({})]))[0] ?? '', /^Error: everything did not answer .*\(call-timeout\)$/s);
  });

  it('marks an error that the tool reported (invariant ErrorsAreErrors)', async () => {
    const { run } = runner(() => Promise.resolve({ content: [{ type: 'text', text: 'no' }], isError: true }));
    assert.deepEqual(await run([call({})]), ['The tool reported an error:|no']);
  });

  it('passes the signal on, so that stopping cancels upstream', async () => {
    const stop = new AbortController();
    const { run } = runner(
      (_name, _args, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(cancelled('unknown'));
          });
        }),
    );
    const running = run([call({})], stop.signal);
    setImmediate(() => {
      stop.abort();
    });
    assert.match((await running)[0] ?? '', /cancelled/);
  });

  it('refuses more calls than one round may have', async () => {
    const { run } = runner(echoes);
    const texts = await run(Array.from({ length: 40 }, () => call({})));
    assert.equal(texts.filter((text) => text === '{}').length, 32);
    assert.match(texts.at(-1) ?? '', /At most 32 calls/);
  });

  it('shows progress of the server, but not every message', async () => {
    const { run, answer } = runner((_name, _args, options) => {
      for (let progress = 1; progress <= 100; progress++)
        options?.onProgress?.({ progress, total: 100, message: `step [${progress}]` });
      return Promise.resolve({ content: [] });
    });
    await run([call({})]);
    assert.deepEqual(answer.said.slice(1), ['progress: Echo \\*Tool\\*\\: step \\[1\\]']);
  });

  it('logs names, outcomes and durations, never arguments or results', async () => {
    const lines: string[] = [];
    const { run } = runner(echoes, { log: { info: (line) => void lines.push(line) } });
    await run([call({ secret: 'hunter2' })]);
    assert.match(lines.join('\n'), /^Chat: everything__echo answered after \d+ ms\.$/);
  });
});
