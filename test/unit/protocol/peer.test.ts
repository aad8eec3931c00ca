import assert from 'node:assert/strict';
import { PeerClosedError, RequestTimeoutError, RpcError, SendError } from '../../../src/protocol/errors.js';
import type { Message, Params } from '../../../src/protocol/messages.js';
import { Peer, type PeerHandlers } from '../../../src/protocol/peer.js';
import type { Transport } from '../../../src/protocol/transport.js';

/** The two ends of a wire inside one process. */
class Wire implements Transport {
  onmessage?: (message: Message) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  other: Wire | undefined;
  readonly sent: Message[] = [];
  failWith: Error | undefined;

  static pair(): [Wire, Wire] {
    const [a, b] = [new Wire(), new Wire()];
    a.other = b;
    b.other = a;
    return [a, b];
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  send(message: Message): Promise<void> {
    if (this.failWith) return Promise.reject(this.failWith);
    this.sent.push(message);
    queueMicrotask(() => this.other?.onmessage?.(structuredClone(message)));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.onclose?.();
    this.other?.onclose?.();
    return Promise.resolve();
  }
}

function peers(handlers: PeerHandlers): { client: Peer; server: Peer; wire: Wire } {
  const [wire, far] = Wire.pair();
  return { client: new Peer(wire, {}), server: new Peer(far, handlers), wire };
}

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

describe('Peer', () => {
  it('gives each of many parallel requests its own answer, whatever the order', async () => {
    const { client } = peers({
      onRequest: async (_method, params) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        return { echo: params.nonce };
      },
    });
    const nonces = Array.from({ length: 100 }, (_, index) => index);
    const answers = await Promise.all(
      nonces.map((nonce) => client.request('echo', { nonce }, { timeoutMs: 5000 })),
    );
    assert.deepEqual(
      answers.map(({ echo }) => echo),
      nonces,
    );
  });

  it('hands an error on with code, message and data as they were sent', async () => {
    const { client } = peers({ onRequest: () => Promise.reject(new RpcError(-32042, 'no', { why: 1 })) });
    await assert.rejects(
      client.request('x', {}, { timeoutMs: 5000 }),
      (error) =>
        error instanceof RpcError &&
        error.code === -32042 &&
        error.message === 'no' &&
        (error.data as { why: number }).why === 1,
    );
  });

  it('answers ping by itself, and an unknown method with "method not found"', async () => {
    const { client, wire } = peers({});
    assert.deepEqual(await client.request('ping', undefined, { timeoutMs: 5000 }), {});
    assert.ok(!('params' in wire.sent[0]!));
    await assert.rejects(
      client.request('x/y', {}, { timeoutMs: 5000 }),
      (error) => error instanceof RpcError && error.code === -32601,
    );
  });

  it('cancels upstream when the signal aborts, and the other side sees it', async () => {
    let seen: AbortSignal | undefined;
    const { client, wire } = peers({
      onRequest: (_method, _params, { signal }) => {
        seen = signal;
        return forever(signal);
      },
    });
    const controller = new AbortController();
    const reason = new Error('stop');
    const request = client.request('x', {}, { timeoutMs: 5000, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);
    await assert.rejects(request, reason);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(seen?.aborted, true);
    const cancelled = wire.sent.flatMap((message) =>
      'method' in message && message.method === 'notifications/cancelled' ? [message.params?.requestId] : [],
    );
    assert.deepEqual(cancelled, [1]);
  });

  it('AtMostOnceDispatch: what ends before it is sent is not sent, nor cancelled', async () => {
    const { client, wire } = peers({ onRequest: (_m, _p, { signal }) => forever(signal) });
    const controller = new AbortController();
    const reason = new Error('stop');
    controller.abort(reason);
    await assert.rejects(client.request('x', {}, { timeoutMs: 5000, signal: controller.signal }), reason);
    await wire.close();
    await assert.rejects(
      client.request('x', {}, { timeoutMs: 5000 }),
      (error) => error instanceof PeerClosedError && !error.sent,
    );
    assert.deepEqual(wire.sent, []);
  });

  it('times out, and progress puts that off up to the maximum', async () => {
    const { client, server } = peers({
      onRequest: async (method, params, { signal }) => {
        const { progressToken } = params._meta as { progressToken: number };
        for (let step = 0; !signal.aborted && step < (method === 'short' ? 6 : 1000); step++) {
          await server.notify('notifications/progress', { progressToken, progress: step });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return { done: true };
      },
    });
    const seen: unknown[] = [];
    const onProgress = (params: { progress?: unknown }): unknown => seen.push(params.progress);
    const answer = await client.request('short', {}, { timeoutMs: 80, onProgress });
    assert.deepEqual(answer, { done: true });
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5]);
    await assert.rejects(
      client.request('endless', {}, { timeoutMs: 80, maxTotalMs: 200, onProgress }),
      (error) => error instanceof RequestTimeoutError && error.timeoutMs >= 195,
    );
    await assert.rejects(
      peers({ onRequest: (_m, _p, { signal }) => forever(signal) }).client.request(
        'x',
        {},
        { timeoutMs: 30 },
      ),
      RequestTimeoutError,
    );
  });

  it('keeps the _meta of a request that asks for progress', async () => {
    let meta: unknown;
    const { client } = peers({
      onRequest: (_method, params) => {
        meta = params._meta;
        return Promise.resolve({});
      },
    });
    await client.request('x', { _meta: { trace: 'abc' } }, { timeoutMs: 5000, onProgress: () => undefined });
    assert.deepEqual(meta, { trace: 'abc', progressToken: 1 });
  });

  it('FailFastOnDeath: rejects what is open when the transport closes, and what comes after', async () => {
    const { client, wire } = peers({ onRequest: (_m, _p, { signal }) => forever(signal) });
    const open = client.request('x', {}, { timeoutMs: 60_000 });
    await new Promise((resolve) => setImmediate(resolve));
    await wire.close();
    await assert.rejects(open, (error) => error instanceof PeerClosedError && error.sent);
    await assert.rejects(
      client.request('x', {}, { timeoutMs: 60_000 }),
      (error) => error instanceof PeerClosedError && !error.sent,
    );
  });

  it('rejects a request that could not be sent', async () => {
    const { client, wire } = peers({});
    wire.failWith = new Error('broken pipe');
    await assert.rejects(
      client.request('x', {}, { timeoutMs: 5000 }),
      (error) => error instanceof SendError && error.cause === wire.failWith,
    );
  });

  it('refuses a request whose id is in work', async () => {
    let asked = 0;
    const [wire, far] = Wire.pair();
    const answers: Message[] = [];
    far.onmessage = (message) => void answers.push(message);
    const peer = new Peer(wire, {
      onRequest: (_method, _params, { signal }) => {
        asked++;
        return forever(signal);
      },
    });
    for (const id of [1, 1, {}, {}])
      wire.onmessage?.({ jsonrpc: '2.0', id, method: 'x' } as unknown as Message);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked, 2);
    const codes = answers.map((message) => ('error' in message ? message.error.code : undefined));
    assert.deepEqual(codes, [-32600, -32600]);
    await peer.close();
  });

  describe('whatever the other side sends', () => {
    /** A client whose request is sent, and the other end of the wire, where anything can be said. */
    async function waiting(handlers: PeerHandlers = {}): Promise<{
      answer: Promise<Params>;
      say: (message: object, during?: number) => void;
      errors: Error[];
      progress: Params[];
    }> {
      const errors: Error[] = [];
      const progress: Params[] = [];
      const [wire] = Wire.pair();
      const client = new Peer(wire, { onError: (error) => errors.push(error), ...handlers });
      const onProgress = (params: Params): void => void progress.push(params);
      const answer = client.request('x', {}, { timeoutMs: 5000, onProgress, context: { its: 'own' } });
      answer.catch(() => undefined);
      await new Promise(setImmediate);
      assert.equal(wire.sent.length, 1);
      const say = (message: object, during?: number): void => {
        (wire.onmessage as Transport['onmessage'])?.({ jsonrpc: '2.0', ...message } as Message, during);
      };
      return { answer, say, errors, progress };
    }

    it('takes a result beside an error that is none, and ids that come back as text', async () => {
      const { answer, say, progress } = await waiting();
      say({ method: 'notifications/progress', params: { progressToken: '1', progress: 0.5 } });
      say({ id: '1', result: { fine: true }, error: null });
      assert.deepEqual(await answer, { fine: true });
      assert.equal(progress.length, 1);
    });

    for (const [what, error] of Object.entries({
      'without a code': { message: 'oops' },
      'with a code that is no number': { code: 'E', message: 'oops' },
    }))
      it(`makes a proper error of one ${what}`, async () => {
        const { answer, say } = await waiting();
        say({ id: 1, error });
        await assert.rejects(answer, { name: 'RpcError', code: -32603, message: 'oops' });
      });

    for (const params of [null, [], 'text', 1])
      it(`goes on after messages whose params are ${JSON.stringify(params)}`, async () => {
        const told: unknown[] = [];
        const { answer, say, errors } = await waiting({
          onNotification: (_method, own) => told.push(own),
          onRequest: (_method, own) => Promise.resolve(void told.push(own) as unknown as Params),
        });
        for (const method of ['notifications/progress', 'notifications/cancelled', 'other'])
          say({ method, params });
        say({ id: 9, method: 'asks', params });
        say({ id: 1, result: {} });
        assert.deepEqual([await answer, told, errors], [{}, [{}, {}], []]);
      });

    it('hands what its owner throws to its owner, and goes on', async () => {
      const { answer, say, errors } = await waiting({
        onNotification: () => {
          throw new Error('a bug');
        },
      });
      say({ method: 'other' });
      say({ id: 1, result: {} });
      assert.deepEqual(await answer, {});
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['a bug'],
      );
    });

    it('hears of the progress of a task after the answer that began it', async () => {
      const { answer, say, progress } = await waiting();
      say({ id: 1, result: { task: { taskId: 't' } } });
      await answer;
      say({ method: 'notifications/progress', params: { progressToken: 1, progress: 0.5 } });
      assert.equal(progress.length, 1);
    });
  });

  it('takes what is said during a request that was given up for nobody else', async () => {
    const heard: (readonly object[])[] = [];
    const asked: boolean[] = [];
    const [wire] = Wire.pair();
    const client = new Peer(wire, {
      onNotification: (_method, _params, during) => heard.push(during),
      onRequest: (_method, _params, { certain, during }) => {
        asked.push(certain);
        heard.push(during);
        return Promise.resolve({});
      },
    });
    const say = (message: object, during: number): void => {
      (wire.onmessage as Transport['onmessage'])?.({ jsonrpc: '2.0', ...message } as Message, during);
    };
    const controller = new AbortController();
    const [own, other] = [{ of: 'A' }, { of: 'B' }];
    const { signal } = controller;
    client.request('x', {}, { timeoutMs: 5000, context: own, signal }).catch(() => undefined);
    client.request('x', {}, { timeoutMs: 5000, context: other }).catch(() => undefined);
    await new Promise(setImmediate);
    controller.abort();
    say({ method: 'other' }, 1);
    say({ id: 1, method: 'asks' }, 1);
    say({ method: 'other' }, 99);
    assert.deepEqual([heard, asked], [[[own], [own], []], [true]]);
    await client.close();
  });
});
