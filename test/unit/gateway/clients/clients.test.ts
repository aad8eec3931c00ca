import assert from 'node:assert/strict';
import type { AttachedClient } from '../../../../src/gateway/api.js';
import { Clients } from '../../../../src/gateway/clients/clients.js';
import { GatewayError } from '../../../../src/gateway/model/errors.js';
import type { Supervisor } from '../../../../src/gateway/upstream/server/supervisor.js';
import type { Params } from '../../../../src/protocol/messages.js';

const SERVER = 's';

/** Clients of one live server, and all that is sent to it. */
function clients(): {
  clients: Clients;
  sent: string[];
  /** Lets the next request end. */
  settle: (error?: Error) => Promise<void>;
  attach: () => ReturnType<Clients['attach']> & { heard: Params[] };
  /** The server's process ends, or a fresh one is there. */
  run: (running: boolean) => void;
} {
  const sent: string[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  const send = (method: string, params: Params | undefined): Promise<Params> => {
    sent.push([method.split('/')[1], params?.uri ?? params?.level].join(' '));
    return Promise.resolve({});
  };
  const connection = {
    capabilities: { logging: {} },
    told: {},
    request: send,
    notify: () => Promise.resolve(),
  };
  let live = true;
  const log = (): void => undefined;
  const logger = { debug: log, info: log, warn: log, error: log };
  const all = new Clients({
    host: undefined,
    renewUnused: () => assert.fail('was renewed'),
    logs: { gateway: logger, server: () => logger },
    supervisors: () => [{ id: SERVER, connection: live ? connection : undefined } as unknown as Supervisor],
    request: async (_server, method, params) => {
      const result = await send(method, params);
      await new Promise<void>((resolve, reject) => {
        waiting.push((error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      return result;
    },
  });
  return {
    clients: all,
    sent,
    run: (running) => {
      live = running;
      if (running) all.onReady(SERVER, connection);
    },
    settle: async (error) => {
      await turn();
      waiting.shift()?.(error);
    },
    attach: () => {
      const heard: Params[] = [];
      const client: AttachedClient = {
        key: 'test',
        capabilities: {},
        sees: () => true,
        reachable: () => true,
        ownsTask: () => false,
        answers: () => false,
        answer: () => Promise.reject(new Error('is not asked')),
        notified: (_server, _method, params) => void heard.push(params),
      };
      return Object.assign(all.attach(client), { heard });
    },
  };
}

const turn = (): Promise<void> => new Promise(setImmediate);

describe('Clients', () => {
  it('do not end a subscription that another one is making', async () => {
    const { attach, sent, settle } = clients();
    const [a, b] = [attach(), attach()];
    const first = a.subscribe(SERVER, 'x:1');
    await settle();
    await first;
    const second = b.subscribe(SERVER, 'x:1');
    await a.unsubscribe(SERVER, 'x:1');
    await settle();
    await second;
    assert.deepEqual(sent, ['subscribe x:1', 'subscribe x:1']);
    b.dispose();
    assert.deepEqual(sent.slice(2), ['unsubscribe x:1']);
  });

  it('undo a subscription of which nobody knows whether it was made, and none that was refused', async () => {
    const { attach, sent, settle } = clients();
    const client = attach();
    const lost = client.subscribe(SERVER, 'x:1');
    await settle(new GatewayError('call-timeout', 'It took too long.', { execution: 'unknown' }));
    await assert.rejects(lost, { code: 'call-timeout' });
    const refused = client.subscribe(SERVER, 'x:2');
    await settle(
      new GatewayError('server-error', 'No.', { rpc: { code: -1, message: 'No.', data: undefined } }),
    );
    await assert.rejects(refused, { code: 'server-error' });
    client.dispose();
    assert.deepEqual(sent, ['subscribe x:1', 'unsubscribe x:1', 'subscribe x:2']);
  });

  it('take the level of logs back when the one goes that wanted it', () => {
    const { attach, sent } = clients();
    const [a, b] = [attach(), attach()];
    a.setLogLevel('debug');
    b.setLogLevel('error');
    a.dispose();
    b.dispose();
    assert.deepEqual(sent, ['setLevel debug', 'setLevel debug', 'setLevel error', 'setLevel info']);
  });

  it('give a fresh process no level of logs once nobody wants one any more', async () => {
    const { attach, sent, run } = clients();
    const [a, b] = [attach(), attach()];
    a.setLogLevel('debug');
    run(false);
    run(true);
    assert.deepEqual(sent, ['setLevel debug', 'setLevel debug']);
    a.dispose();
    assert.deepEqual(sent.slice(2), ['setLevel info']);
    run(false);
    run(true);
    b.dispose();
    await turn();
    assert.deepEqual(sent.slice(3), []);
  });

  it('end a subscription without starting the server for it', async () => {
    const { attach, sent, settle, run } = clients();
    const client = attach();
    for (const uri of ['x:1', 'x:2']) {
      const subscribed = client.subscribe(SERVER, uri);
      await settle();
      await subscribed;
    }
    run(false);
    await client.unsubscribe(SERVER, 'x:1');
    assert.deepEqual(sent, ['subscribe x:1', 'subscribe x:2']);
    run(true);
    assert.deepEqual(sent.slice(2), ['subscribe x:2']);
    await client.unsubscribe(SERVER, 'x:2');
    assert.deepEqual(sent.slice(3), ['unsubscribe x:2']);
  });

  it('hear updates of what lies below a resource that they subscribed to', async () => {
    const { clients: all, attach, settle } = clients();
    const client = attach();
    for (const uri of ['file:///dir/', 'file:///other']) {
      const subscribed = client.subscribe(SERVER, uri);
      await settle();
      await subscribed;
    }
    const updated = ['file:///dir/', 'file:///dir/a', 'file:///other/a', 'file:///dir', 'file:///others'];
    for (const uri of updated) all.onNotification(SERVER, 'notifications/resources/updated', { uri }, []);
    assert.deepEqual(
      client.heard.map(({ uri }) => uri),
      updated.slice(0, 3),
    );
  });

  it('hear no update of what is no resource', async () => {
    const { clients: all, attach, settle } = clients();
    const client = attach();
    const subscribed = client.subscribe(SERVER, 'x:1');
    await settle();
    await subscribed;
    for (const uri of [undefined, null, { toString: 1 }, ['x:1'], 'x:1'])
      all.onNotification(SERVER, 'notifications/resources/updated', { uri }, []);
    await turn();
    assert.deepEqual(client.heard, [{ uri: 'x:1' }]);
  });
});
