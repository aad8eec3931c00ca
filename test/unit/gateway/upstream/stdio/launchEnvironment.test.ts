import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { StdioLaunch } from '../../../../../src/gateway/model/definition.js';
import type { InheritEnv } from '../../../../../src/gateway/model/inheritedEnv.js';
import {
  launchEnvironment,
  withholdOthers,
} from '../../../../../src/gateway/upstream/stdio/launchEnvironment.js';

const launch = (more: Partial<StdioLaunch> = {}): StdioLaunch => ({
  type: 'stdio',
  command: 'x',
  args: [],
  env: {},
  cwd: '/',
  ...more,
});

const pathOf = (own: string, host: string, platform: NodeJS.Platform = 'linux'): string | undefined =>
  launchEnvironment({ env: { PATH: own } }, { PATH: host }, platform)['PATH'];

describe('the PATH of a server', () => {
  it('is its own and then what it inherits, folder by folder', () => {
    assert.equal(pathOf('/opt/usr/bin', '/usr/bin'), '/opt/usr/bin:/usr/bin');
    assert.equal(pathOf('/own', '/usr/bin:/bin'), '/own:/usr/bin:/bin');
    assert.equal(pathOf('/usr/bin/', '/usr/bin:/bin'), '/usr/bin/:/bin');
    assert.equal(pathOf('/own:/usr/bin:/bin', '/usr/bin:/bin'), '/own:/usr/bin:/bin');
  });

  it('is compared as Windows does there', () => {
    assert.equal(pathOf('C:\\Own;c:\\windows', 'C:\\Windows;D:\\x', 'win32'), 'C:\\Own;c:\\windows;D:\\x');
  });

  it('begins with its own and has every folder that is inherited, whatever they are', () => {
    const folder = fc.stringMatching(/^\/[a-z/]{0,6}$/);
    fc.assert(
      fc.property(fc.array(folder, { minLength: 1 }), fc.array(folder, { minLength: 1 }), (own, host) => {
        const joined = pathOf(own.join(':'), host.join(':')) ?? '';
        const trimmed = joined.split(':').map((it) => it.replace(/(?<=.)\/$/, ''));
        assert.ok(joined.startsWith(own.join(':')));
        for (const it of host) assert.ok(trimmed.includes(it.replace(/(?<=.)\/$/, '')), `${it} in ${joined}`);
      }),
    );
  });
});

describe('what a server inherits', () => {
  const host = {
    PATH: '/bin',
    HOME: '/home/me',
    LC_ALL: 'C',
    XDG_RUNTIME_DIR: '/run',
    https_proxy: 'http://proxy',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    GITHUB_TOKEN: 'ghp',
    AWS_SECRET_ACCESS_KEY: 'aws',
    SSH_AUTH_SOCK: '/agent',
    MY_VAR: 'mine',
  };
  const safe = ['PATH', 'HOME', 'LC_ALL', 'XDG_RUNTIME_DIR', 'https_proxy', 'NODE_EXTRA_CA_CERTS'];
  const cases: [InheritEnv | undefined, string[]][] = [
    [undefined, Object.keys(host)],
    ['safe', safe],
    [
      ['safe', 'MY_VAR'],
      [...safe, 'MY_VAR'],
    ],
    [
      ['PATH', 'MY_VAR', 'ABSENT'],
      ['PATH', 'MY_VAR'],
    ],
    [[], []],
  ];
  for (const [inheritEnv, names] of cases) {
    it(`is ${names.length} of ${Object.keys(host).length} variables for ${inheritEnv === undefined ? 'nothing said' : JSON.stringify(inheritEnv)}`, () => {
      const env = launchEnvironment(
        { env: {}, ...(inheritEnv && inheritEnv !== 'all' ? { inheritEnv } : {}) },
        host,
        'linux',
      );
      assert.deepEqual(Object.keys(env).sort(), [...names].sort());
    });
  }

  it('has what its own entry sets, whatever it inherits', () => {
    const env = launchEnvironment({ env: { GITHUB_TOKEN: 'own', HOME: null }, inheritEnv: 'safe' }, host);
    assert.equal(env['GITHUB_TOKEN'], 'own');
    assert.equal('HOME' in env, false);
  });

  it('is named without regard to case on Windows', () => {
    const windows = { Path: 'C:\\x', SystemRoot: 'C:\\Windows', My_Var: 'v', Token: 't' };
    const names = (inheritEnv: readonly string[]): string[] =>
      Object.keys(launchEnvironment({ env: {}, inheritEnv }, windows, 'win32'));
    assert.deepEqual(names(['safe', 'MY_VAR']), ['Path', 'SystemRoot', 'My_Var']);
    assert.deepEqual(launchEnvironment({ env: { TOKEN: null, PATH: 'D:\\y' } }, windows, 'win32'), {
      SystemRoot: 'C:\\Windows',
      My_Var: 'v',
      PATH: 'D:\\y;C:\\x',
    });
  });
});

describe('what only the settings of other servers name', () => {
  const host = { PATH: '/bin', HOME: '/home/me', MINE: '1', OTHERS: '2', NOBODYS: '3' };
  const named = ['PATH', 'MINE', 'OTHERS', 'ABSENT'];
  const inherited = (
    more: Partial<StdioLaunch>,
    envNames: string[],
    env: Record<string, string> = host,
    platform: NodeJS.Platform = 'linux',
  ): string[] => {
    const { launch: left } = withholdOthers({ launch: launch(more), envNames }, named, env, platform);
    return Object.keys(launchEnvironment(left as StdioLaunch, env, platform));
  };

  it('is not inherited, but for what every program needs', () => {
    assert.deepEqual(inherited({}, ['MINE']), ['PATH', 'HOME', 'MINE', 'NOBODYS']);
  });

  it('is what its own entry sets it to', () => {
    const { launch: left } = withholdOthers({ launch: launch({ env: { OTHERS: 'own' } }) }, named, host);
    assert.equal(launchEnvironment(left as StdioLaunch, host)['OTHERS'], 'own');
  });

  it('is told by name, and only what would have been inherited', () => {
    const withheld = (more: Partial<StdioLaunch>): readonly string[] =>
      withholdOthers({ launch: launch(more), envNames: ['MINE'] }, named, host, 'linux').withheld;
    assert.deepEqual(withheld({}), ['OTHERS']);
    assert.deepEqual(withheld({ inheritEnv: 'safe' }), []);
  });

  it('is another name in another case, but not on Windows', () => {
    const env = { Others: '2', mine: '1' };
    assert.deepEqual(inherited({}, ['MINE'], env), ['Others', 'mine']);
    assert.deepEqual(inherited({}, ['MINE'], env, 'win32'), ['mine']);
  });
});
