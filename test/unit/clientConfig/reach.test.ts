import assert from 'node:assert/strict';
import { reachByConnect, runtimeOf } from '../../../src/clientConfig/reach.js';

describe('runtimeOf', () => {
  const NODE = { command: 'node', env: {} };
  const asNode = (command: string): object => ({ command, env: { ELECTRON_RUN_AS_NODE: '1' } });

  const mac =
    '/Applications/Visual Studio Code.app/Contents/Frameworks/Code Helper (Plugin).app/Contents/MacOS/Code Helper (Plugin)';
  const windows = 'C:\\Users\\a b\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe';
  const HOSTS = [
    ['/usr/share/code/code', true, asNode('/usr/share/code/code')],
    [mac, true, asNode(mac)],
    [windows, true, asNode(windows)],
    ['/home/a/.vscode-server/cli/servers/Stable-0a1b/server/node', false, NODE],
    ['/snap/code/201/usr/share/code/code', true, NODE],
    ['/tmp/.mount_CursorXy12/cursor', true, NODE],
  ] as const;
  for (const [execPath, electron, expected] of HOSTS)
    it(`${electron ? 'desktop' : 'server'}: ${execPath}`, () => {
      assert.deepEqual(runtimeOf({ execPath, electron }), expected);
    });
});

describe('reachByConnect', () => {
  const runtime = { command: 'node', env: {} };

  it('names no server where it is all of them', () => {
    assert.deepEqual(reachByConnect(runtime, '/x/cli.js', undefined), {
      kind: 'stdio',
      command: 'node',
      args: ['/x/cli.js', 'connect'],
      env: {},
    });
  });

  it("names the client's own token", () => {
    assert.deepEqual(reachByConnect(runtime, '/x/cli.js', 'a', 'claude-code').args, [
      ...['/x/cli.js', 'connect', '--client=claude-code', '--server=a'],
    ]);
  });

  for (const id of ['files', '-x', '123', 'a b', `it's "so"`, 'grün'])
    it(`names ${id} in one word`, () => {
      assert.deepEqual(reachByConnect(runtime, '/x/cli.js', id).args, [
        '/x/cli.js',
        'connect',
        `--server=${id}`,
      ]);
    });
});
