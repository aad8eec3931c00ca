import assert from 'node:assert/strict';
import { posix } from 'node:path';
import fc from 'fast-check';
import { isSocketPath } from '../../../src/base/socketName.js';
import { socketPaths, type SocketMachine } from '../../../src/endpoint/socketPaths.js';

const folder = fc
  .array(fc.stringMatching(/^[\p{L}\d ._%#-]{1,40}$/u), { minLength: 1, maxLength: 6 })
  .map((parts) => `/${parts.join('/')}`);

const machine: fc.Arbitrary<SocketMachine> = fc.record({
  platform: fc.constantFrom<NodeJS.Platform>('linux', 'darwin', 'win32', 'freebsd'),
  env: fc.record(
    { XDG_RUNTIME_DIR: folder, XDG_STATE_HOME: folder, LOCALAPPDATA: folder },
    { requiredKeys: [] },
  ),
  home: folder,
  temp: folder,
  uid: fc.nat(),
  host: fc.string(),
});

const LINUX: SocketMachine = {
  platform: 'linux',
  env: { XDG_RUNTIME_DIR: '/run/user/1000' },
  home: '/home/me',
  temp: '/tmp',
  uid: 1000,
  host: 'here',
};

const BYTES: Partial<Record<NodeJS.Platform, number>> = { linux: 108, darwin: 104, freebsd: 104 };

const share = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((path) => others.includes(path));

describe('socketPaths', () => {
  it('gives no path that is longer than its system takes, and always one', () => {
    fc.assert(
      fc.property(machine, fc.string(), (where, identity) => {
        const paths = socketPaths(where, identity);
        assert.ok(paths.length > 0);
        for (const path of paths) {
          const { platform } = where;
          if (platform === 'win32') assert.match(path, /^\\\\\.\\pipe\\[\w-]{1,240}$/);
          // With the NUL at its end.
          else assert.ok(posix.isAbsolute(path) && Buffer.byteLength(path) + 1 <= BYTES[platform]!, path);
        }
      }),
    );
  });

  it('gives the same paths to one identity and other ones to another', () => {
    fc.assert(
      fc.property(machine, fc.string(), fc.string(), (where, one, other) => {
        assert.deepEqual(socketPaths(where, one), socketPaths({ ...where }, one));
        assert.equal(share(socketPaths(where, one), socketPaths(where, other)), one === other);
      }),
    );
  });

  it('gives no path of another user, or of another machine with the same home folder', () => {
    const own = socketPaths(LINUX, 'w');
    for (const other of [
      { ...LINUX, home: '/home/you', uid: 1001 },
      { ...LINUX, host: 'there' },
      { ...LINUX, home: '/home/you', platform: 'win32' as const },
    ])
      assert.ok(!share(own, socketPaths(other, 'w')));
    const windows = { ...LINUX, platform: 'win32' as const };
    assert.ok(!share(socketPaths(windows, 'w'), socketPaths({ ...windows, home: 'C:\\you' }, 'w')));
  });

  it('begins with the state directory, goes on with the runtime directory and ends in the temp directory', () => {
    const folders = [...new Set(socketPaths(LINUX, 'w').map((path) => posix.dirname(path)))];
    assert.deepEqual(folders, [
      '/home/me/.local/state/mcp-tool-gateway/sockets',
      '/run/user/1000/mcp-tool-gateway',
      '/tmp/mcp-tool-gateway-1000',
    ]);
  });

  it('leaves out what is too long, and a runtime directory that is not absolute', () => {
    const deep = `/home/${'d'.repeat(60)}`;
    const paths = socketPaths({ ...LINUX, home: deep, env: { XDG_RUNTIME_DIR: 'run' } }, 'w');
    assert.ok(paths.every((path) => path.startsWith('/tmp/mcp-tool-gateway-1000/')));
  });

  it('stays where it is on a Mac whose name changes with the network', () => {
    const mac: SocketMachine = { ...LINUX, platform: 'darwin', env: {} };
    assert.deepEqual(socketPaths(mac, 'w'), socketPaths({ ...mac, host: 'elsewhere' }, 'w'));
  });
});

describe('isSocketPath', () => {
  it('counts bytes, not characters', () => {
    assert.ok(isSocketPath(`/${'a'.repeat(106)}`, 'linux'));
    assert.ok(!isSocketPath(`/${'a'.repeat(107)}`, 'linux'));
    assert.ok(!isSocketPath(`/${'ä'.repeat(60)}`, 'linux'));
    assert.ok(isSocketPath(`/${'a'.repeat(102)}`, 'darwin'));
    assert.ok(!isSocketPath(`/${'a'.repeat(103)}`, 'darwin'));
  });

  it('takes no path that is relative or holds a NUL, and on Windows none but of pipes', () => {
    for (const path of ['a.sock', './a.sock', '', '/a\0b']) assert.ok(!isSocketPath(path, 'linux'), path);
    for (const path of [
      'C:\\a.sock',
      '\\\\.\\pipe\\',
      '\\\\there\\pipe\\a',
      `\\\\.\\pipe\\${'a'.repeat(250)}`,
    ])
      assert.ok(!isSocketPath(path, 'win32'), path);
    assert.ok(isSocketPath('\\\\.\\pipe\\a', 'win32'));
  });
});
