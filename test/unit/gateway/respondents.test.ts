import assert from 'node:assert/strict';
import type { Client, ServerAsks } from '../../../src/gateway/model/client.js';
import { RequestContext } from '../../../src/gateway/requestContext.js';
import { answerServer } from '../../../src/gateway/respondents.js';

/** Answers everything, and keeps what it was asked. */
function client(): Client & { readonly asked: ServerAsks[] } {
  const asked: ServerAsks[] = [];
  return {
    asked,
    answers: () => true,
    answer: (asks) => {
      asked.push(asks);
      return Promise.resolve({});
    },
  };
}

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
    const other: Client = { answers: () => false, answer: () => assert.fail('was asked') };
    await ask(host, new RequestContext({ client: other }));
    await ask(host);
    assert.deepEqual(
      host.asked.map(({ during }) => during),
      [undefined, undefined],
    );
  });
});
