import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { ownIdentity, startByPs, stateOf } from '../../../../src/base/process/processIdentity.js';
import { until } from '../../../support/gateway.js';

const isLinux = process.platform === 'linux';

describe('who a process is', () => {
  it('stays the same, and is that of a process that runs', async () => {
    const own = await ownIdentity();
    assert.equal(own.pid, process.pid);
    assert.deepEqual(await ownIdentity(), own);
    assert.equal(await stateOf(own), process.platform === 'win32' ? 'unknown' : 'alive');
    if (isLinux) assert.match(`${own.start} ${own.boot} ${own.space}`, /^\d+ [0-9a-f-]{36} pid:\[\d+\]$/);
  });

  it('is gone with its process, or with its boot, or where its number is that of another', async function () {
    assert.equal(await stateOf({ pid: spawnSync(process.execPath, ['--version']).pid }), 'gone');
    if (!isLinux) this.skip();
    const own = await ownIdentity();
    assert.equal(await stateOf({ ...own, start: '1' }), 'gone');
    assert.equal(await stateOf({ ...own, boot: 'another' }), 'gone');
  });

  it('is gone when only its parent has not taken note of its end', async function () {
    if (!isLinux) this.skip();
    // The shell starts a child, becomes a program that waits for none, and says the child's number.
    const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      await until(async () => (await stateOf({ pid })) === 'gone', 'it counts as gone');
      assert.doesNotThrow(() => process.kill(pid, 0), 'its number is still taken');
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });

  it('cannot be told of a process that says too little, or whose number is a sandbox’s', async function () {
    assert.equal(await stateOf({ pid: process.pid }), 'unknown');
    if (!isLinux) this.skip();
    const { pid } = spawnSync(process.execPath, ['--version']);
    assert.equal(await stateOf({ ...(await ownIdentity()), pid, space: 'pid:[1]' }), 'unknown');
  });

  it('is read from ps where there is no /proc', async function () {
    if (process.platform === 'win32' || spawnSync('ps', ['-p', '1']).error) this.skip();
    const start = await startByPs(process.pid);
    assert.match(start!.start, /^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
    assert.equal(start!.ended, false);
    assert.equal(await startByPs(spawnSync(process.execPath, ['--version']).pid), undefined);
  });
});
