import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Guardian } from '../../../../../src/gateway/upstream/stdio/guardian.js';
import { until } from '../../../../support/gateway.js';

describe('Guardian', () => {
  it('NoOrphans: no reading of the process table that began before the question is the answer to it', async () => {
    const readings: ((groups: ReadonlySet<number>) => void)[] = [];
    const guardian = new Guardian(() => new Promise((resolve) => readings.push(resolve)));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const first = [guardian.liveGroups(), guardian.liveGroups()];
    await turn();
    assert.equal(readings.length, 1);
    // The first reading is under way, and may have passed by what is asked for now.
    const second = [guardian.liveGroups(), guardian.liveGroups()];
    await turn();
    assert.equal(readings.length, 1, 'one at a time');
    readings[0]?.(new Set());
    assert.deepEqual(await Promise.all(first), [new Set(), new Set()]);
    await turn();
    assert.equal(readings.length, 2);
    readings[1]?.(new Set([7]));
    assert.deepEqual(await Promise.all(second), [new Set([7]), new Set([7])]);
  });

  it('NoOrphans: is started again when it is ended, and told again of what it watches', async function () {
    if (process.platform === 'win32') this.skip();
    const lines: string[] = [];
    const guardian = new Guardian(undefined, { warn: (line) => lines.push(line) });
    const server = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const exited = once(server, 'exit');
    try {
      guardian.watch(server.pid!);
      const { pid } = guardian;
      process.kill(pid!, 'SIGKILL');
      await until(() => guardian.pid !== undefined && guardian.pid !== pid, 'it runs again');
      assert.match(lines.join('\n'), /^The process .* it is started again\.$/);
      // Its input ends, as it does when the host is gone.
      guardian.dispose();
      await exited;
      assert.equal(server.signalCode, 'SIGTERM');
      assert.equal(lines.length, 1, 'an end that was wanted is none to tell of');
    } finally {
      server.kill('SIGKILL');
      guardian.dispose();
    }
  });

  it('BoundedEverything: is started again five times at most, then with the next server', async function () {
    if (process.platform === 'win32') this.skip();
    const lines: string[] = [];
    const guardian = new Guardian(undefined, { warn: (line) => lines.push(line) });
    try {
      guardian.begin();
      for (let round = 1; round <= 6; round++) {
        process.kill(guardian.pid!, 'SIGKILL');
        await until(() => lines.length === round, `end ${round} is told`);
      }
      assert.equal(guardian.pid, undefined);
      assert.equal(guardian.begin(), true);
    } finally {
      guardian.dispose();
    }
  });
});
