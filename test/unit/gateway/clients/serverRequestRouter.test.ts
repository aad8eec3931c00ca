import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import type { AttachedClient } from '../../../../src/gateway/api.js';
import type { Client, ServerAsks } from '../../../../src/gateway/model/client.js';
import { RequestContext } from '../../../../src/gateway/calls/requestContext.js';
import { ServerRequestRouter } from '../../../../src/gateway/clients/serverRequestRouter.js';
import type { IncomingRequest } from '../../../../src/protocol/incoming.js';
import type { Params } from '../../../../src/protocol/messages.js';
import { until } from '../../../support/gateway.js';

const ROOTS = 'roots/list';
const FORM = 'elicitation/create';
const ALL = [ROOTS, FORM, 'sampling/createMessage'];

/** What a list of roots waits here, in milliseconds. */
const ROOTS_MS = 50;

type TestClient = AttachedClient & { readonly asked: ServerAsks[] };

/** Answers these methods, with its key as the only root, and keeps what it was asked. */
function client(
  key: string,
  { methods = ALL, ...more }: Partial<TestClient> & { methods?: readonly string[] } = {},
): TestClient {
  const asked: ServerAsks[] = [];
  return {
    key,
    capabilities: {},
    asked,
    answers: ({ method }) => methods.includes(method),
    answer: (asks) => {
      asked.push(asks);
      return Promise.resolve({ from: key, roots: [{ uri: `file:///${key}` }] });
    },
    sees: () => true,
    reachable: () => true,
    ownsTask: () => false,
    notified: () => undefined,
    ...more,
  };
}

/** Asks as one server, during requests of these clients; `undefined` is a request that names no client. */
function asking(
  attached: readonly AttachedClient[],
  host?: Client,
  asksAlways = false,
): {
  ask: (
    method: string,
    during: readonly (Client | undefined)[],
    more?: { certain?: boolean; params?: Params; server?: string },
  ) => Promise<Params>;
  uncalled: string[];
} {
  const uncalled: string[] = [];
  const respondents = new ServerRequestRouter(
    {
      host,
      attached: () => attached,
      asksAlways: () => asksAlways,
      onUncalled: (server, method) => void uncalled.push(`${server} ${method}`),
    },
    ROOTS_MS,
  );
  return {
    uncalled,
    ask: (method, during, { certain = false, params = {}, server = 's' } = {}) => {
      const incoming: IncomingRequest = {
        id: 1,
        signal: new AbortController().signal,
        onProgress: undefined,
        certain,
        during: during.map((by) => new RequestContext(by ? { client: by } : {})),
      };
      return respondents.answer(server, method, params, incoming);
    },
  };
}

const rootsIn = (result: Params): unknown[] => (result.roots as { uri: string }[]).map(({ uri }) => uri);

/** Never answers. */
const stuck = (): { open: (() => void)[]; answer: Client['answer'] } => {
  const open: (() => void)[] = [];
  return {
    open,
    answer: ({ signal }) =>
      new Promise((resolve, reject) => {
        open.push(() => {
          resolve({});
        });
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      }),
  };
};

describe('What a server is told of roots', () => {
  it('are asked of clients at most 32 times at once (invariant BoundedEverything)', async () => {
    const { open, answer } = stuck();
    const agent = client('agent', { answer });
    const { ask } = asking([agent]);
    const asked = Array.from({ length: 200 }, () => ask(ROOTS, [agent]));
    const refused = await Promise.all(asked.slice(32).map((one) => one.then(() => undefined, String)));
    assert.ok(refused.every((error) => error?.includes('Too many questions')));
    assert.equal(open.length, 32);
    // Another server does not wait for that, nor do questions for people.
    const others = [ask(ROOTS, [agent], { server: 'b' }), ask(FORM, [agent])];
    assert.equal(open.length, 34);
    for (const end of open) end();
    await Promise.all([...asked.slice(0, 32), ...others]);
    const next = ask(ROOTS, [agent]);
    assert.equal(open.length, 35);
    open.at(-1)?.();
    await next;
  });

  it('are those of the only client that has some, also while another is at work', async () => {
    const [able, other] = [client('able'), client('other', { methods: [] })];
    assert.deepEqual(rootsIn(await asking([able, other]).ask(ROOTS, [other])), ['file:///able']);
  });

  it('are none, and no error, where nobody has any', async () => {
    const unable = client('unable', { methods: [] });
    for (const [attached, during, certain] of [
      [[], [], false],
      [[], [undefined], false],
      [[unable], [unable], true],
      [[unable, client('foreign', { sees: () => false })], [], false],
    ] as const)
      assert.deepEqual(await asking(attached).ask(ROOTS, during, { certain }), { roots: [] });
  });

  it('are never those of another client where the server says for whom it asks', async () => {
    const [unable, able] = [client('unable', { methods: [] }), client('able')];
    assert.deepEqual(await asking([unable, able]).ask(ROOTS, [unable], { certain: true }), { roots: [] });
    assert.equal(able.asked.length, 0);
  });

  it('do not wait for clients that are gone, and only once for one that does not answer', async () => {
    const gone = client('gone', { reachable: () => false });
    let waits = 0;
    const silent = client('silent', {
      answer: (asks) => {
        waits++;
        return stuck().answer(asks);
      },
    });
    const { ask } = asking([gone, silent, client('there')]);
    assert.deepEqual(rootsIn(await ask(ROOTS, [])), ['file:///there']);
    assert.deepEqual(rootsIn(await ask(ROOTS, [])), ['file:///there']);
    assert.deepEqual([gone.asked.length, waits], [0, 1]);
  });
});

describe('What the host is asked', () => {
  it('tells of its own request, which names no client', async () => {
    const host = client('host');
    await asking([], host).ask(FORM, [undefined]);
    assert.deepEqual(host.asked[0]?.during, {});
  });

  it("tells of no request when it was another client's, or none", async () => {
    const host = client('host');
    const other = client('other', { methods: [] });
    const { ask } = asking([other], host, true);
    await ask(FORM, [other]);
    await ask(FORM, []);
    assert.deepEqual(
      host.asked.map(({ during }) => during),
      [undefined, undefined],
    );
  });
});

describe('Questions of servers', () => {
  it('are refused while nobody calls the server, unless its user allows them', async () => {
    const [agent, host] = [client('agent'), client('host')];
    for (const who of [undefined, host]) {
      const { ask, uncalled } = asking([agent], who);
      await assert.rejects(ask(FORM, []), { code: -32600, message: /Nobody is calling this server/ });
      assert.deepEqual(uncalled, ['s elicitation/create']);
    }
    assert.deepEqual([agent.asked.length, host.asked.length], [0, 0]);
    assert.equal((await asking([agent], undefined, true).ask(FORM, [])).from, 'agent');
  });

  it('are refused once the call is over during which they came', async () => {
    const agent = client('agent');
    const respondents = new ServerRequestRouter({
      host: undefined,
      attached: () => [agent],
      asksAlways: () => false,
      onUncalled: () => undefined,
    });
    const context = new RequestContext({ client: agent });
    context.end();
    const { signal } = new AbortController();
    const incoming = { id: 1, signal, onProgress: undefined, certain: true, during: [context] };
    await assert.rejects(respondents.answer('s', FORM, {}, incoming), { code: -32600 });
  });

  it('reach no client of another server, none that is gone, and none of several that could be meant', async () => {
    for (const attached of [
      [client('foreign', { sees: (server) => server !== 's' })],
      [client('gone', { reachable: () => false })],
      [client('one'), client('another')],
    ]) {
      await assert.rejects(asking(attached, undefined, true).ask(FORM, []), { code: -32601 });
      assert.deepEqual(
        attached.flatMap(({ asked }) => asked),
        [],
      );
    }
    const [one, another] = [client('one'), client('another')];
    await assert.rejects(asking([one, another]).ask(FORM, [one, another]), { code: -32601 });
  });

  it('about a task go to the client that began it, and to nobody else', async () => {
    const params = { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 't' } } };
    const owner = client('owner', { ownsTask: (server, task) => server === 's' && task === 't' });
    const other = client('other');
    const { ask } = asking([other, owner]);
    assert.equal((await ask(FORM, [other, owner], { params })).from, 'owner');
    await assert.rejects(ask(FORM, [other], { params }), { code: -32600 });
    assert.equal(other.asked.length, 0);
  });

  it('leave no timer behind, however many there are (invariant BoundedEverything)', async () => {
    const timers = new Set<number>();
    let asks = true;
    const hook = createHook({
      init: (id, type) => {
        if (asks && type === 'Timeout') timers.add(id);
      },
      destroy: (id) => void timers.delete(id),
    }).enable();
    const { ask } = asking([client('a'), client('b', { methods: [] })]);
    for (let count = 0; count < 20; count++) {
      await ask(FORM, [undefined]).catch(() => undefined);
      await ask(FORM, []).catch(() => undefined);
      await ask(ROOTS, []);
    }
    asks = false;
    // One is the test's own limit; that one was cleared is told in a later turn.
    await until(() => timers.size <= 1, 'all timers are gone', 1000).finally(() => hook.disable());
  });

  it('are at most 4 of one server and 20 in all (invariant BoundedEverything)', async () => {
    const { open, answer } = stuck();
    const agent = client('agent', { answer });
    const { ask } = asking([agent]);
    const waiting = Array.from({ length: 4 }, () => ask(FORM, [agent]));
    await assert.rejects(ask(FORM, [agent]), { code: -32603, message: /Too many questions/ });
    // A server that has its four holds nobody else up.
    for (const server of ['a', 'b', 'c', 'd'])
      for (let count = 0; count < 4; count++) waiting.push(ask(FORM, [agent], { server }));
    await assert.rejects(ask(FORM, [agent], { server: 'e' }), { code: -32603 });
    assert.equal(open.length, 20);
    open[0]?.();
    await waiting[0];
    const next = ask(FORM, [agent], { server: 'e' });
    for (const end of open) end();
    await next;
    await Promise.all(waiting);
  });
});
