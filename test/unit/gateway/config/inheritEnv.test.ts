import assert from 'node:assert/strict';
import type { StdioLaunch } from '../../../../src/gateway/model/definition.js';
import { only, parse } from './parsing.js';

describe('inheritEnv in the settings', () => {
  const inherits = async (entry: object, from?: 'workspace'): Promise<unknown> => {
    const { definitions } = await parse({ a: entry }, from === undefined ? {} : { inheritEnv: 'safe' });
    return (definitions[0]?.launch as StdioLaunch).inheritEnv ?? 'all';
  };
  const warnings = async (entry: object): Promise<readonly string[]> =>
    (await parse({ a: entry }, { inheritEnv: 'safe' })).problems.map(
      ({ severity, message }) => `${severity}: ${message}`,
    );

  it('is all for servers of the user, who may narrow it', async () => {
    assert.equal(await inherits({ command: 'x' }), 'all');
    assert.equal(await inherits({ command: 'x', inheritEnv: 'safe' }), 'safe');
    assert.deepEqual(await inherits({ command: 'x', inheritEnv: ['safe', 'A'] }), ['safe', 'A']);
  });

  it('is safe for servers of a workspace, which may narrow it', async () => {
    assert.equal(await inherits({ command: 'x' }, 'workspace'), 'safe');
    assert.deepEqual(await inherits({ command: 'x', inheritEnv: ['PATH'] }, 'workspace'), ['PATH']);
    assert.deepEqual(await inherits({ command: 'x', inheritEnv: [] }, 'workspace'), []);
    assert.deepEqual(await warnings({ command: 'x', inheritEnv: ['safe', 'PATH'] }), []);
  });

  it('is never wider for servers of a workspace, and a warning says so', async () => {
    assert.equal(await inherits({ command: 'x', inheritEnv: 'all' }, 'workspace'), 'safe');
    assert.deepEqual(await inherits({ command: 'x', inheritEnv: ['HOME', 'TOKEN', 'all'] }, 'workspace'), [
      'HOME',
    ]);
    assert.match(
      (await warnings({ command: 'x', inheritEnv: 'all' })).join(),
      /^warning: .*"all" has no effect/,
    );
    assert.match((await warnings({ command: 'x', inheritEnv: ['A', 'B'] })).join(), /"A" \(and 1 more\)/);
  });

  it('is refused in any other shape, with what is right', async () => {
    for (const inheritEnv of ['some', 1, [1], [''], { PATH: true }]) {
      const { problems } = await parse({ a: { command: 'x', inheritEnv } });
      assert.match(problems[0]?.message ?? '', /^"inheritEnv.*must be "all", "safe" or a list of names/);
    }
  });

  it('is part of the fingerprint', async () => {
    const prints = await Promise.all(
      [undefined, 'all', 'safe', ['safe'], ['PATH']].map((inheritEnv) =>
        only({ command: 'x', ...(inheritEnv === undefined ? {} : { inheritEnv }) }),
      ),
    );
    assert.equal(new Set(prints.map(({ fingerprint }) => fingerprint)).size, 4);
    assert.equal(prints[0]?.fingerprint, prints[1]?.fingerprint);
  });
});

describe('the variables that settings name', () => {
  it('are told of each server, wherever they stand', async () => {
    const { envNames } = await only({
      command: '${env:TOKEN}/x',
      args: ['--a=${env:TILDE} ${env:TOKEN}'],
      env: { X: 'y${env:TOKEN}' },
      inheritEnv: ['safe', 'MORE'],
      title: '${env:NOT_HERE}',
    });
    assert.deepEqual(envNames, ['TOKEN', 'TILDE', 'MORE']);
  });

  it('are told of all together, also of entries that are disabled or wrong', async () => {
    const { envNames } = await parse({
      one: { url: 'http://localhost/', headers: { A: 'Bearer ${env:TOKEN}' } },
      off: { disabled: true, command: 'x', env: { A: '${env:OFF}' } },
      wrong: { command: 1, env: { A: '${env:WRONG}' } },
      none: null,
    });
    assert.deepEqual(envNames, ['TOKEN', 'OFF', 'WRONG']);
  });
});
