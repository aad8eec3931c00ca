import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { pathsOf } from '../../../src/base/pathsOf.js';
import { announcementDirectory, stateDirectory, thisMachine } from '../../../src/endpoint/stateDirectory.js';

describe('the folder of what survives a restart', () => {
  const table: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, '/home/me/.local/state'],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state'],
    ['linux', { XDG_STATE_HOME: 'relative' }, '/home/me/.local/state'],
    ['darwin', { XDG_STATE_HOME: '/state' }, '/home/me/Library/Application Support'],
    ['win32', { LOCALAPPDATA: 'D:\\local' }, 'D:\\local'],
    ['win32', {}, '\\home\\me\\AppData\\Local'],
  ];
  for (const [platform, env, expected] of table)
    it(`is on ${platform} with ${JSON.stringify(env)} in ${expected}`, () => {
      const machine = { platform, env, home: '/home/me' };
      assert.equal(stateDirectory(machine), pathsOf(platform).join(expected, 'mcp-tool-gateway'));
    });

  it('is of this very user, on this machine', () => {
    const { platform, home } = thisMachine();
    assert.deepEqual({ platform, home }, { platform: process.platform, home: homedir() });
  });

  it('does not depend, for announcements, on what clients keep from the programs that they start', () => {
    const machine = { platform: 'linux', env: { XDG_STATE_HOME: '/state' }, home: '/home/me' } as const;
    assert.equal(announcementDirectory(machine), '/home/me/.local/state/mcp-tool-gateway/running');
  });
});
