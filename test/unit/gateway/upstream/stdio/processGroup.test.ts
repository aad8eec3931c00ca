import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Guardian } from '../../../../../src/gateway/upstream/stdio/guardian.js';
import { ProcessGroup } from '../../../../../src/gateway/upstream/stdio/processGroup.js';

describe('ProcessGroup', () => {
  it('NoOrphans: the guardian lets go of what is gone, because the system gives its number to others', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { detached: true });
    const told: string[] = [];
    const guardian = {
      watch: (pid: number) => told.push(`watch ${pid}`),
      release: (pid: number) => told.push(`release ${pid}`),
      uproot: (pid: number) => told.push(`uproot ${pid}`),
      liveGroups: () => Promise.resolve(new Set<number>()),
    } as unknown as Guardian;
    const group = new ProcessGroup(child, guardian);
    await group.stop({ closeMs: 10_000, leftoverMs: 5000, terminateMs: 5000, uprootMs: 5000, killMs: 5000 });
    assert.deepEqual(told, [`watch ${child.pid}`, `release ${child.pid}`]);
  });
});
