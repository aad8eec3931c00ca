import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, connect, initialize, reply, testDoor, TOKEN, type TestDoor } from '../../support/door.js';
import { G, temporaryFolder, until } from '../../support/gateway.js';

/** Asks for an echo on a connection and leaves it open. @returns the answer's head */
async function callOn(
  socket: Socket,
  headers: Readonly<Record<string, string>>,
  id: number,
): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'echo', params: {} });
  const all = {
    ...headers,
    ...{ host: 'localhost', authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    'content-length': String(body.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

const posix = process.platform === 'win32' ? describe.skip : describe;

posix('The door at a socket', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  let path: string;

  const open = (...paths: string[]): Promise<TestDoor> =>
    testDoor(cleanups, { closeMs: 100, briefMs: 2 * G }, 0, paths.length > 0 ? paths : [path]);
  const modeOf = async (file: string): Promise<number> => (await lstat(file)).mode & 0o777;

  /** A socket file whose owner was killed. */
  const leaveBehind = async (at: string): Promise<void> => {
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(at)}, () => console.log('ready'))`,
    ]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
  };

  beforeEach(async () => {
    folder = join(await temporaryFolder(cleanups), 's');
    path = join(folder, 'a.sock');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('is the user’s alone: the folder has mode 0700, the socket 0600, and the user owns both', async () => {
    const before = process.umask(0);
    try {
      assert.equal((await open()).door.socket, path);
    } finally {
      process.umask(before);
    }
    assert.deepEqual([await modeOf(folder), await modeOf(path)], [0o700, 0o600]);
    assert.deepEqual(
      [(await lstat(folder)).uid, (await lstat(path)).uid],
      [process.getuid?.(), process.getuid?.()],
    );
  });

  it('has one set of sessions behind the socket and the port', async () => {
    const { port, sessions } = await open();
    const client = await connect(path);
    assert.match((await client.request(1, 'echo', { over: 'socket' })).body, /socket/);
    const over = await reply(port, {
      headers: client.headers,
      body: { jsonrpc: '2.0', id: 2, method: 'echo', params: { over: 'port' } },
    });
    assert.match(over.body, /port/);
    assert.equal(sessions.length, 1);
    assert.equal((await client.remove()).status, 204);
    assert.equal(sessions[0]?.closed, 1);
  });

  it('asks for the token and for the same Origins as at the port', async () => {
    const { sessions } = await open();
    for (const [status, headers] of [
      [401, { authorization: undefined }],
      [401, { authorization: `Bearer ${TOKEN}x` }],
      [403, { origin: 'https://example.com' }],
      [200, { origin: 'http://localhost:3000' }],
    ] as const)
      assert.equal((await reply(path, { headers, body: initialize() })).status, status);
    assert.equal(sessions.length, 1);
  });

  it('answers to the Host localhost and to no other', async () => {
    const { port } = await open();
    for (const host of ['127.0.0.1', `127.0.0.1:${port}`, `localhost:${port}`, 'localhost:80', 'x'])
      assert.equal((await reply(path, { headers: { host }, body: initialize() })).status, 403, host);
    for (const host of ['localhost', 'LOCALHOST'])
      assert.equal((await reply(path, { headers: { host }, body: initialize() })).status, 200);
    assert.equal((await reply(port, { headers: { host: 'localhost' }, body: initialize() })).status, 403);
  });

  it('replaces a socket that a gateway left behind which was killed', async () => {
    await mkdir(folder, { mode: 0o700 });
    await leaveBehind(path);
    assert.ok((await lstat(path)).isSocket());
    assert.equal((await open()).door.socket, path);
    assert.equal((await reply(path, { body: initialize() })).status, 200);
    assert.deepEqual(await readdir(folder), ['a.sock']);
  });

  it('leaves the socket of a gateway that runs where it is, takes the next, and says so', async () => {
    const first = await open();
    const second = await open(path, join(folder, 'b.sock'));
    assert.equal(second.door.socket, join(folder, 'b.sock'));
    assert.match(second.lines.join('\n'), /another gateway has .*a\.sock/);
    await connect(path);
    assert.deepEqual([first.sessions.length, second.sessions.length], [1, 0]);
    await second.door.dispose();
    assert.equal((await reply(path, { body: initialize() })).status, 200);
  });

  it('gives each of many gateways that start at once a socket of its own, over one left behind', async () => {
    await mkdir(folder, { mode: 0o700 });
    await leaveBehind(path);
    const paths = [path, ...['b', 'c', 'd', 'e'].map((name) => join(folder, name))];
    const doors = await Promise.all(paths.map(() => open(...paths)));
    for (const { door, sessions } of doors) {
      assert.ok(door.socket);
      await connect(door.socket);
      assert.equal(sessions.length, 1);
    }
    assert.equal(new Set(doors.map(({ door }) => door.socket)).size, 5);
  });

  it('leaves alone what is no socket', async () => {
    await mkdir(folder, { mode: 0o700 });
    await writeFile(path, 'a file of somebody');
    const { door } = await open(path, join(folder, 'b.sock'));
    assert.equal(door.socket, join(folder, 'b.sock'));
    assert.ok((await lstat(path)).isFile());
  });

  it('uses no folder that others can write', async () => {
    await mkdir(folder);
    await chmod(folder, 0o777);
    const other = join(folder, '..', 't', 'a.sock');
    assert.equal((await open(path, join(folder, 'b.sock'), other)).door.socket, other);
    assert.deepEqual(await readdir(folder), []);
  });

  it('does without a socket where none can be had, and says why', async () => {
    await mkdir(folder);
    await chmod(folder, 0o777);
    const { door, port, lines } = await open(path, join(folder, 'x'.repeat(120)));
    assert.equal(door.socket, undefined);
    assert.match(lines.join('\n'), /no socket.*other users can change it/);
    assert.equal((await reply(port, { body: initialize() })).status, 200);
  });

  it('does without a path that is too long for the system, instead of a shorter one', async () => {
    const long = join(folder, `${'x'.repeat(120)}.sock`);
    assert.equal((await open(long, path)).door.socket, path);
    assert.deepEqual(await readdir(folder), ['a.sock']);
  });

  it('ends sessions and removes the socket when it is disposed', async () => {
    const { door, sessions } = await open();
    const client = await connect(path);
    const stream = await client.listen();
    const held = ask(path, {
      headers: client.headers,
      body: { jsonrpc: '2.0', id: 1, method: 'hold' },
    });
    await until(() => sessions[0]?.received.length === 2, 'the request has arrived');
    await door.dispose();
    await stream.end();
    assert.equal((await held).statusCode, 503);
    assert.equal(sessions[0]?.closed, 1);
    await assert.rejects(lstat(path), { code: 'ENOENT' });
    const [error] = (await once(dial(path), 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ENOENT');
  });

  it('serves over the socket alone where the system refuses it a port', async () => {
    const { door, port, lines } = await testDoor(cleanups, {}, 70_000, [path]);
    assert.equal(port, 0);
    assert.match(lines.join('\n'), /has no port/);
    const client = await connect(path);
    assert.match((await client.request(1, 'echo', { over: 'socket' })).body, /socket/);
    await door.dispose();
    await assert.rejects(lstat(path), { code: 'ENOENT' });
    await assert.rejects(testDoor(cleanups, {}, 70_000), { code: 'ERR_SOCKET_BAD_PORT' });
  });

  describe('keeps of the connections of a session', () => {
    const CALLERS = 16;
    const MOST = 256;
    const agents: Agent[] = [];
    const newAgent = (): Agent => {
      const agent = new Agent({ keepAlive: true });
      agents.push(agent);
      return agent;
    };
    const idle = (): number =>
      agents.flatMap(({ freeSockets }) => Object.values(freeSockets).flat()).filter((one) => !one?.destroyed)
        .length;

    afterEach(() => {
      for (const agent of agents.splice(0)) agent.destroy();
    });

    for (const [name, at] of [
      ['at the socket', () => path],
      ['at the port', (test: TestDoor) => test.port],
    ] as const) {
      it(`a few that nobody uses again, as VS Code leaves one behind per request, ${name}`, async () => {
        const where = at(await open());
        const client = await connect(where);
        for (let id = 1; id <= 5 * CALLERS; id++)
          assert.equal((await client.request(id, 'echo', {}, { agent: newAgent() })).status, 200);
        await until(() => idle() <= CALLERS + 1, 'the others have ended');
        assert.ok(idle() >= CALLERS);
      });

      it(`all that its callers use again, ${name}`, async () => {
        const where = at(await open());
        const client = await connect(where);
        const agent = newAgent();
        let opened = 0;
        let id = 0;
        const createConnection = agent.createConnection.bind(agent);
        agent.createConnection = (...args) => {
          opened++;
          return createConnection(...args);
        };
        for (let round = 0; round < 5; round++) {
          await Promise.all(
            Array.from({ length: CALLERS }, () => client.request(++id, 'echo', {}, { agent })),
          );
          await until(() => idle() === CALLERS, 'all are free');
        }
        assert.equal(opened, CALLERS);
      });
    }

    it('more for a moment, which it tells, and ends them where the client does not', async () => {
      const BEYOND = 8;
      await open();
      const client = await connect(path);
      const kept: Socket[] = [];
      const heads: string[] = [];
      const call = async (): Promise<void> => {
        const socket = dial(path);
        kept.push(socket);
        cleanups.push(() => Promise.resolve(socket.destroy()));
        heads.push(await callOn(socket, client.headers, kept.length));
      };
      while (kept.length < CALLERS + BEYOND) await call();
      const told = heads.map((head) => /keep-alive: timeout=(\d+)/i.exec(head)?.[1]);
      assert.deepEqual(told.slice(0, CALLERS), Array(CALLERS).fill('60'));
      assert.deepEqual(told.slice(CALLERS), Array(BEYOND).fill('3'));
      const [again] = [kept[CALLERS]];
      assert.ok(again);
      const first = performance.now();
      while (performance.now() - first < 4 * G) {
        assert.match(
          await callOn(again, client.headers, 1),
          /^HTTP\/1.1 200/,
          'one that is used again stays',
        );
        await sleep(G / 4);
      }
      await until(() => kept.filter(({ destroyed }) => !destroyed).length <= CALLERS + 1, 'the others end');
    });

    it('nothing beyond a bound', async () => {
      await testDoor(cleanups, { closeMs: 100, briefMs: 1000 * G }, 0, [path]);
      const client = await connect(path);
      const heads: string[] = [];
      for (let count = 1; count <= MOST + 4; count++) {
        const socket = dial(path);
        cleanups.push(() => Promise.resolve(socket.destroy()));
        heads.push(await callOn(socket, client.headers, count));
      }
      const closing = heads.map((head) => /connection: close/i.test(head));
      assert.deepEqual(closing.slice(0, MOST - 1), Array(MOST - 1).fill(false));
      assert.ok(closing.slice(-3).every(Boolean));
    });

    it('nothing when many sessions use one, as a program does that is the client of all its agents', async () => {
      const { port } = await open();
      const agent = newAgent();
      agent.maxSockets = 1;
      const warnings: string[] = [];
      const note = ({ name }: Error): number => warnings.push(name);
      process.on('warning', note);
      try {
        for (let session = 0; session < CALLERS; session++) {
          const client = await connect(port);
          assert.equal((await client.request(1, 'echo', {}, { agent })).status, 200);
          await client.remove();
        }
      } finally {
        process.off('warning', note);
      }
      assert.deepEqual(warnings, []);
    });
  });
});
