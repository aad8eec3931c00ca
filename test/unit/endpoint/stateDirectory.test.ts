import assert from 'node:assert/strict';
import { join } from 'node:path';
import { announcementDirectory, stateDirectory } from '../../../src/endpoint/stateDirectory.js';

describe('the folder of what survives a restart', () => {
  const table: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, join('/home/me', '.local', 'state')],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state'],
    ['linux', { XDG_STATE_HOME: 'relative' }, join('/home/me', '.local', 'state')],
    ['darwin', { XDG_STATE_HOME: '/state' }, join('/home/me', 'Library', 'Application Support')],
    ['win32', { LOCALAPPDATA: '/local' }, '/local'],
    ['win32', {}, join('/home/me', 'AppData', 'Local')],
  ];
  for (const [platform, env, expected] of table)
    it(`is on ${platform} with ${JSON.stringify(env)} in ${expected}`, () => {
      const machine = { platform, env, home: '/home/me' };
      assert.equal(stateDirectory(machine), join(expected, 'mcp-tool-gateway'));
    });

  it('does not depend, for announcements, on what clients keep from the programs that they start', () => {
    const machine = { platform: 'linux', env: { XDG_STATE_HOME: '/state' }, home: '/home/me' } as const;
    assert.equal(announcementDirectory(machine), '/home/me/.local/state/mcp-tool-gateway/running');
  });
});
