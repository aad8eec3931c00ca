import assert from 'node:assert/strict';
import type { Gateway } from '../../../../../src/gateway/api.js';
import type { ListedTool, Listing } from '../../../../../src/gateway/model/listing.js';
import type { Message, OfferedTool } from '../../../../../src/vscode/chat/turn/messages.js';
import { modelTurn, type TurnParts } from '../../../../../src/vscode/chat/turn/turn.js';
import { listedTool, listing, recordedAnswer, silentLog } from '../support.js';

/** A gateway whose list is another one each time that it is asked. */
function changing(...listings: Listing<ListedTool>[]) {
  let lists = 0;
  const gateway = {
    listTools: () => Promise.resolve(listings[lists++] ?? listing()),
    callTool: (name: string) => Promise.resolve({ content: [{ type: 'text', text: `${name} ran` }] }),
    servers: () => [{}],
    problems: [],
    withheld: [],
  } as unknown as Gateway;
  return { gateway, lists: () => lists };
}

function turn(gateway: Gateway, calls: readonly string[]) {
  const requests: { messages: readonly Message[]; tools: readonly OfferedTool[] }[] = [];
  const answer = recordedAnswer();
  const parts: TurnParts = {
    gateway,
    maxInputTokens: 100_000,
    maxRounds: 3,
    answer,
    allows: () => Promise.resolve(true),
    log: silentLog,
    trusted: true,
    signal: new AbortController().signal,
    model: {
      send: async function (messages, tools) {
        requests.push({ messages, tools });
        const name = calls[requests.length - 1];
        await Promise.resolve();
        return (async function* () {
          await Promise.resolve();
          yield name === undefined
            ? ({ type: 'text', text: 'end' } as const)
            : ({ type: 'call', id: name, name, input: {} } as const);
        })();
      },
    },
  };
  const ask = (prompt: string, attachments: Message['parts'] = []) =>
    modelTurn(
      {
        prompt,
        attachedTools: [],
        history: () => [],
        attachments: () => Promise.resolve(attachments as never),
      },
      parts,
    );
  return { ask, requests, answer };
}

describe('modelTurn', () => {
  it('lists once and keeps that set of tools to its end (invariant TurnSnapshotStable)', async () => {
    const { gateway, lists } = changing(listing(listedTool('a', 'one')), listing(listedTool('a', 'two')));
    const { ask, requests } = turn(gateway, ['a__one', 'a__two']);
    await ask('go');
    assert.equal(lists(), 1);
    assert.equal(requests.length, 3);
    for (const { tools } of requests)
      assert.deepEqual(
        tools.map(({ name }) => name),
        ['a__one'],
      );
    assert.match(JSON.stringify(requests[1]?.messages), /a__one ran/);
    assert.match(JSON.stringify(requests[2]?.messages), /There is no tool named \\"a__two\\"/);
  });

  it('says in one line what was missing, after the answer', async () => {
    const { gateway } = changing({
      items: [],
      omitted: [{ server: 'slow', reason: 'starting', message: '' }],
      stale: [],
    });
    const { ask, answer } = turn(gateway, []);
    await ask('go');
    assert.equal(answer.said[0], 'words: end');
    assert.match(answer.said[1] ?? '', /^notice: 1 server is not in this answer: slow \(starting\)/);
    assert.equal(answer.said.length, 2);
  });

  it('says when the rounds are used up, and which setting raises them', async () => {
    const { gateway } = changing(listing(listedTool('a', 'one')));
    const { ask, answer } = turn(gateway, ['a__one', 'a__one', 'a__one', 'a__one']);
    assert.equal((await ask('go')).reason, 'rounds');
    assert.match(
      answer.said.at(-1) ?? '',
      /Stopped after 3 rounds .*“continue”.*`mcpGateway\.chat\.maxRounds`/,
    );
  });

  it('says how many tools were left out', async () => {
    const many = Array.from({ length: 200 }, (_, n) => listedTool('a', `t${n}`));
    const { ask, answer, requests } = turn(changing(listing(...many)).gateway, []);
    await ask('go');
    assert.equal(requests[0]?.tools.length, 128);
    assert.match(answer.said.at(-1) ?? '', /offered 128 of 200 tools.*`#`/);
  });

  it('sends attached text before the prompt and attached images with it', async () => {
    const { gateway } = changing(listing());
    const { ask, requests } = turn(gateway, []);
    const image = { type: 'image', mimeType: 'image/png', data: new Uint8Array(1) } as const;
    await ask('What is this?', [{ type: 'text', text: 'File a' }, image]);
    assert.deepEqual(requests[0]?.messages, [
      { role: 'user', parts: [{ type: 'text', text: 'File a' }] },
      { role: 'user', parts: [image, { type: 'text', text: 'What is this?' }] },
    ]);
  });
});
