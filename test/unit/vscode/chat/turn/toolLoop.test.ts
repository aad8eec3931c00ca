import assert from 'node:assert/strict';
import type {
  CallPart,
  Message,
  OfferedTool,
  ResultPart,
  TextPart,
} from '../../../../../src/vscode/chat/turn/messages.js';
import { toolLoop, type ToolLoopParts } from '../../../../../src/vscode/chat/turn/toolLoop.js';

type Reply = readonly (TextPart | CallPart)[] | Error | readonly (TextPart | Error)[];

const words = (text: string): TextPart => ({ type: 'text', text });
const call = (id: string, name = 'tool'): CallPart => ({ type: 'call', id, name, input: {} });
const question: readonly Message[] = [{ role: 'user', parts: [words('question')] }];
const TOOLS: readonly OfferedTool[] = [{ name: 'tool', description: '', inputSchema: {} }];
const image = { type: 'image', mimeType: 'image/png', data: new Uint8Array(10) } as const;

function scripted(replies: readonly Reply[], more: Partial<ToolLoopParts> = {}) {
  const requests: { messages: readonly Message[]; tools: readonly OfferedTool[] }[] = [];
  const shown: string[] = [];
  const ran: string[][] = [];
  const parts: ToolLoopParts = {
    tools: TOOLS,
    maxRounds: 5,
    signal: new AbortController().signal,
    onWords: (text) => void shown.push(text),
    runCalls: (calls) => {
      ran.push(calls.map(({ id }) => id));
      return Promise.resolve(
        calls.map(({ id }): ResultPart => ({ type: 'result', id, content: [words('done')] })),
      );
    },
    model: {
      send: (messages, tools) => {
        requests.push({ messages, tools });
        const reply = replies[requests.length - 1] ?? [];
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(stream(reply));
      },
    },
    ...more,
  };
  return { parts, requests, shown, ran };
}

async function* stream(parts: readonly (TextPart | CallPart | Error)[]): AsyncIterable<TextPart | CallPart> {
  for (const part of parts) {
    await Promise.resolve();
    if (part instanceof Error) throw part;
    yield part;
  }
}

describe('toolLoop', () => {
  it('shows words as they come and ends when no tool is asked for', async () => {
    const { parts, shown, requests } = scripted([[words('a'), words('b')]]);
    const { reason, said } = await toolLoop(question, parts);
    assert.equal(reason, 'answered');
    assert.deepEqual(shown, ['a', 'b']);
    assert.deepEqual(said, [{ role: 'assistant', parts: [words('ab')] }]);
    assert.equal(requests.length, 1);
  });

  it('runs the calls of a round together and sends words before calls, then the results', async () => {
    const { parts, requests, ran } = scripted([
      [call('1'), words('a'), call('2'), words('b')],
      [words('end')],
    ]);
    await toolLoop(question, parts);
    assert.deepEqual(ran, [['1', '2']]);
    assert.deepEqual(requests[1]!.messages.slice(1), [
      { role: 'assistant', parts: [words('ab'), call('1'), call('2')] },
      {
        role: 'user',
        parts: ['1', '2'].map((id) => ({ type: 'result', id, content: [words('done')] })),
      },
    ]);
    assert.deepEqual(requests[1]?.tools, TOOLS);
  });

  it('stops after the given number of rounds, without running what the model still wants', async () => {
    const { parts, ran, requests } = scripted(
      Array.from({ length: 9 }, (_, n) => [call(String(n))]),
      {
        maxRounds: 2,
      },
    );
    const { reason, said } = await toolLoop(question, parts);
    assert.equal(reason, 'rounds');
    assert.deepEqual(ran, [['0'], ['1']]);
    assert.equal(requests.length, 3);
    assert.match(JSON.stringify(said.at(-1)), /"assistant".*Stopped here: the number of tool rounds/);
  });

  it('ends quietly when the user stops while the model speaks, and keeps no call without its result', async () => {
    const stop = new AbortController();
    const { parts, ran } = scripted([[words('a'), call('1')]], {
      signal: stop.signal,
      onWords: () => {
        stop.abort();
      },
    });
    const { reason, said } = await toolLoop(question, parts);
    assert.equal(reason, 'stopped');
    assert.deepEqual(ran, []);
    assert.deepEqual(said, [{ role: 'assistant', parts: [words('a')] }]);
  });

  it('ends quietly when the user stops while tools run or the model then throws', async () => {
    const stop = new AbortController();
    const { parts, requests } = scripted([[call('1')]], {
      signal: stop.signal,
      runCalls: (calls) => {
        stop.abort();
        return Promise.resolve(calls.map(({ id }) => ({ type: 'result', id, content: [] })));
      },
    });
    assert.equal((await toolLoop(question, parts)).reason, 'stopped');
    assert.equal(requests.length, 1);

    const aborted = scripted([new Error('Canceled')], { signal: AbortSignal.abort() });
    assert.equal((await toolLoop(question, aborted.parts)).reason, 'stopped');
  });

  it('keeps what was said before the model failed', async () => {
    const failure = new Error('overloaded');
    const { parts } = scripted([[call('1')], failure]);
    const { reason, error, said } = await toolLoop(question, parts);
    assert.equal(reason, 'failed');
    assert.equal(error, failure);
    assert.deepEqual(
      said.map(({ role }) => role),
      ['assistant', 'user', 'assistant'],
    );
    assert.match(JSON.stringify(said.at(-1)), /Stopped here by an error/);
  });

  describe('when a provider does not take images', () => {
    const withImage = { content: [image] };
    const answering: Partial<ToolLoopParts> = {
      runCalls: (calls) => Promise.resolve(calls.map(({ id }) => ({ type: 'result', id, ...withImage }))),
    };

    it('sends the round once more with a line in their place, and the rest of the turn too', async () => {
      const { parts, requests } = scripted(
        [[call('1')], new Error('400'), [call('2')], [words('end')]],
        answering,
      );
      assert.equal((await toolLoop(question, parts)).reason, 'answered');
      assert.equal(requests.length, 4);
      assert.match(JSON.stringify(requests[1]?.messages), /"image"/);
      for (const { messages } of requests.slice(2)) {
        assert.doesNotMatch(JSON.stringify(messages), /"type":"image"/);
        assert.match(JSON.stringify(messages), /\[image\/png, 10 bytes\]/);
      }
    });

    it('does so once only', async () => {
      const { parts, requests } = scripted([[call('1')], new Error('400'), new Error('again')], answering);
      assert.equal((await toolLoop(question, parts)).reason, 'failed');
      assert.equal(requests.length, 3);
    });

    it('does not when something was shown already, or the request would fail again anyway', async () => {
      const begun = scripted([[call('1')], [words('a'), new Error('lost')]], answering);
      assert.equal((await toolLoop(question, begun.parts)).reason, 'failed');
      assert.equal(begun.requests.length, 2);

      const blocked = scripted(
        [[call('1')], Object.assign(new Error('quota'), { code: 'Blocked' })],
        answering,
      );
      assert.equal((await toolLoop(question, blocked.parts)).reason, 'failed');
      assert.equal(blocked.requests.length, 2);
    });
  });

  it('answers without tools when the provider refuses them', async () => {
    const { parts, requests } = scripted([new Error('model x does not support tools'), [words('a')]]);
    const end = await toolLoop(question, parts);
    assert.equal(end.reason, 'answered');
    assert.equal(end.withoutTools, true);
    assert.deepEqual(requests[1]?.tools, []);
  });

  it('does not take other complaints about tools for a refusal', async () => {
    const { parts, requests } = scripted([new Error('Cannot have more than 128 tools per request.')]);
    assert.equal((await toolLoop(question, parts)).reason, 'failed');
    assert.equal(requests.length, 1);
  });
});
