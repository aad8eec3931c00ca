import assert from 'node:assert/strict';
import type { Client, ServerAsks } from '../../../src/gateway/model/client.js';
import { RequestContext } from '../../../src/gateway/requestContext.js';
import { answerServer } from '../../../src/gateway/respondents.js';

/** Answers everything, and keeps what it was asked. */
function client(): Client & { readonly asked: ServerAsks[] } {
  const asked: ServerAsks[] = [];
  return {
    key: 'test',
    asked,
    answers: () => true,
    answer: (asks) => {
      asked.push(asks);
      return Promise.resolve({});
    },
  };
}

describe('which roots a server is told', () => {
  it('are those of the only client that has some, also while another is at work', async () => {
    const able = { ...client(), sees: () => true, notified: () => undefined };
    const other: Client = { key: 'other', answers: () => false, answer: () => assert.fail('was asked') };
    await answerServer({ host: undefined, attached: () => [able] }, 's', 'roots/list', {}, {
      signal: new AbortController().signal,
      onProgress: undefined,
      certain: false,
      during: [new RequestContext({ client: other })],
    } as unknown as Parameters<typeof answerServer>[4]);
    assert.equal(able.asked.length, 1);
  });
});

describe('what the host is asked', () => {
  const ask = async (host: Client, ...during: object[]): Promise<unknown> =>
    answerServer({ host, attached: () => [] }, 's', 'elicitation/create', {}, {
      signal: new AbortController().signal,
      onProgress: undefined,
      during,
    } as unknown as Parameters<typeof answerServer>[4]);

  it('tells of its own request, which names no client', async () => {
    const host = client();
    const context = new RequestContext({});
    await ask(host, context);
    assert.equal(host.asked[0]?.during, context.options);
  });

  it("tells of no request when it was another client's, or none", async () => {
    const host = client();
    const other: Client = { key: 'other', answers: () => false, answer: () => assert.fail('was asked') };
    await ask(host, new RequestContext({ client: other }));
    await ask(host);
    assert.deepEqual(
      host.asked.map(({ during }) => during),
      [undefined, undefined],
    );
  });
});
