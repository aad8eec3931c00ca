import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Endpoint } from '../../../../src/endpoint/endpoint.js';
import { EndpointRunner } from '../../../../src/vscode/endpoint/endpointRunner.js';
import { PortMemory } from '../../../../src/vscode/endpoint/portMemory.js';
import { silentLog } from '../chat/support.js';
import { memory } from '../support.js';

/** Listens at the port, or at another when it is taken, and does nothing else. */
async function open(port: number): Promise<Endpoint> {
  const server = createServer();
  const listening = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await listening(port).catch(() => listening(0));
  const { port: own } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${own}/mcp`;
  return {
    url,
    port: own,
    socket: undefined,
    urlOf: (id) => `${url}/${id}`,
    pathOf: (id) => `/mcp/${id}`,
    addresses: () => (server.listening ? [new URL(url)] : []),
    endSessions: () => undefined,
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

describe('EndpointRunner', () => {
  const runners: EndpointRunner[] = [];
  const settings = { enabled: true, port: 0 };
  const window = (shared: ReturnType<typeof memory>, own = { ...settings }, opening = open) => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const runner = new EndpointRunner({
      open: opening,
      settings: () => own,
      ports: new PortMemory(shared),
      log: { ...silentLog, info: say, warn: say, error: say },
    });
    runners.push(runner);
    const settled = (): Promise<Endpoint | undefined> => {
      runner.follow();
      return runner.settled();
    };
    return { runner, own, lines, settled };
  };
  afterEach(() => Promise.all(runners.splice(0).map((runner) => runner.dispose())));

  it('chooses a port once, and has it again at the next start', async () => {
    const shared = memory();
    const first = window(shared);
    const { port } = (await first.settled())!;
    await first.runner.dispose();
    assert.equal((await window(shared).settled())?.port, port);
  });

  it('leaves the remembered port to the window that has it, and says so', async () => {
    const shared = memory();
    const { port } = (await window(shared).settled())!;
    const second = window(shared);
    const other = (await second.settled())!;
    assert.notEqual(other.port, port);
    assert.equal(new PortMemory(shared).port, port);
    assert.match(second.lines.join('\n'), new RegExp(`port ${port} is taken`));
    assert.equal(await second.settled(), other, 'and stays where it is');
  });

  it('does not open itself anew when nothing changed for it', async () => {
    const { settled, own } = window(memory());
    const endpoint = (await settled())!;
    own.port = endpoint.port;
    assert.equal(await settled(), endpoint);
  });

  it('remembers no port that the settings name', async () => {
    const shared = memory();
    const free = await open(0);
    await free.dispose();
    assert.equal((await window(shared, { enabled: true, port: free.port }).settled())?.port, free.port);
    assert.equal(new PortMemory(shared).port, 0);
  });

  it('follows its settings: off, on, another port', async () => {
    const { settled, own, runner } = window(memory());
    let changes = 0;
    runner.onDidChange(() => changes++);
    const first = (await settled())!;
    own.enabled = false;
    assert.equal(await settled(), undefined);
    assert.deepEqual(first.addresses(), []);
    own.enabled = true;
    assert.equal((await settled())?.port, first.port);
    const free = await open(0);
    await free.dispose();
    own.port = free.port;
    assert.equal((await settled())?.port, free.port);
    assert.equal(changes, 4);
  });

  it('opens one endpoint for many changes at once, and none after it was disposed', async () => {
    let opened = 0;
    const { runner } = window(memory(), undefined, (port) => {
      opened++;
      return open(port);
    });
    for (let change = 0; change < 10; change++) runner.follow();
    assert.ok(await runner.settled());
    assert.equal(opened, 1);
    const { endpoint } = runner;
    await runner.dispose();
    assert.deepEqual(endpoint?.addresses(), []);
    runner.follow();
    assert.equal(await runner.settled(), undefined);
    assert.equal(opened, 1);
  });

  it('closes what was still being opened when it is disposed', async () => {
    let endpoint: Endpoint | undefined;
    const { runner } = window(memory(), undefined, async (port) => (endpoint = await open(port)));
    runner.follow();
    await Promise.resolve();
    await runner.dispose();
    assert.deepEqual(endpoint?.addresses() ?? [], []);
  });

  it('says in the log when it cannot be opened, and tries again when its settings change', async () => {
    let broken = true;
    const { settled, lines } = window(memory(), undefined, (port) =>
      broken ? Promise.reject(new Error('no network')) : open(port),
    );
    assert.equal(await settled(), undefined);
    assert.match(lines.join('\n'), /no network/);
    broken = false;
    assert.ok(await settled());
  });
});

describe('PortMemory', () => {
  it('keeps what was chosen first', async () => {
    const ports = new PortMemory(memory());
    await ports.chosen(4000);
    await ports.chosen(5000);
    assert.equal(ports.port, 4000);
  });

  it('takes what it does not understand for nothing', () => {
    const shared = memory();
    for (const stored of ['80', -1, 1.5, 65_536, null, {}]) {
      shared.stored.set('mcpGateway.endpointPort', stored);
      assert.equal(new PortMemory(shared).port, 0);
    }
  });
});
