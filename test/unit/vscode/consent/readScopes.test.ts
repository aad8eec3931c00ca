import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import type { VariableContext } from '../../../../src/gateway/config/variables.js';
import { readScopes, type Scope, type ScopesRead } from '../../../../src/vscode/consent/readScopes.js';

const USER = { 'acme.url': 'https://acme.example' };
const WORKSPACE = { 'acme.url': 'https://evil.example' };

/** What variables stand for: as in a window with these folders, whose workspace sets `acme.url` too. */
const context = (folders: Readonly<Record<string, string>>, origin: Scope['origin']): VariableContext => ({
  workspaceFolder: Object.values(folders).length === 1 ? Object.values(folders)[0] : undefined,
  workspaceFolders: new Map(Object.entries(folders)),
  userHome: '/home/me',
  env: { TOKEN: 'hunter2' },
  config: (key) => (origin === 'user' ? USER : { ...USER, ...WORKSPACE })[key as keyof typeof USER],
});

const ONE = { project: '/work/project' };

function scope(
  origin: Scope['origin'],
  servers: unknown,
  folders: Readonly<Record<string, string>> = ONE,
): Scope {
  return {
    origin,
    servers,
    options: {
      place: 'mcpGateway.servers',
      variables: context(folders, origin),
      defaultCwd: tmpdir(),
      readFile: () => Promise.reject(new Error('there is no file here')),
    },
  };
}

const user = (servers: unknown, folders?: Readonly<Record<string, string>>): Scope =>
  scope('user', servers, folders);
const workspace = (servers: unknown): Scope => scope('workspace', servers);

const read = (
  scopes: readonly Scope[],
  { allowed = [] as readonly string[], trusted = true } = {},
): Promise<ScopesRead> =>
  readScopes(scopes, { trusted, allowed: ({ fingerprint }) => allowed.includes(fingerprint) });

const running = ({ config }: ScopesRead): unknown[] =>
  config.definitions.map(({ id, origin, launch }) => [
    id,
    origin,
    launch.type === 'stdio' ? launch.command : launch.url,
  ]);

const withheld = ({ config }: ScopesRead): unknown[] =>
  (config.withheld ?? []).map(({ id, reason }) => [id, reason]);

describe('readScopes', () => {
  it("runs the user's servers, and nothing that a workspace brings before it is allowed", async () => {
    const result = await read([user({ mine: { command: 'a' } }), workspace({ theirs: { command: 'b' } })]);
    assert.deepEqual(running(result), [['mine', 'user', 'a']]);
    assert.deepEqual(withheld(result), [['theirs', 'needs-consent']]);
    assert.match(result.config.withheld?.[0]?.message ?? '', /bring theirs; it starts once you allow/);
    assert.deepEqual(
      result.reviews.map(({ id, replaces }) => [id, replaces]),
      [['theirs', false]],
    );
  });

  it("a user's server takes settings from the user only, whatever a workspace sets", async () => {
    const remote = { url: '${config:acme.url}/mcp', headers: { Authorization: 'Bearer ${env:TOKEN}' } };
    const result = await read([user({ remote })]);
    assert.deepEqual(running(result), [['remote', 'user', 'https://acme.example/mcp']]);
  });

  it('runs what was allowed, as it was allowed, and asks again for anything else', async () => {
    const before = await read([workspace({ theirs: { command: 'b' } })]);
    const allowed = before.reviews.map(({ fingerprint }) => fingerprint);
    assert.deepEqual(running(await read([workspace({ theirs: { command: 'b' } })], { allowed })), [
      ['theirs', 'workspace', 'b'],
    ]);
    for (const entry of [
      { command: 'c' },
      { command: 'b', args: ['-x'] },
      { command: 'b', env: { NODE_OPTIONS: '--require ./evil.js' } },
      { url: 'https://evil.example' },
    ]) {
      const changed = await read([workspace({ theirs: entry })], { allowed });
      assert.deepEqual([running(changed), withheld(changed)], [[], [['theirs', 'needs-consent']]]);
    }
  });

  it("lets the user's own server run until what would replace it is allowed", async () => {
    const scopes = [user({ github: { command: 'mine' } }), workspace({ github: { command: 'theirs' } })];
    const before = await read(scopes);
    assert.deepEqual(running(before), [['github', 'user', 'mine']]);
    assert.deepEqual(withheld(before), [['github', 'needs-consent']]);
    assert.match(before.config.withheld?.[0]?.message ?? '', /replace github; yours goes on running/);
    assert.deepEqual(
      before.reviews.map(({ replaces }) => replaces),
      [true],
    );
    const after = await read(scopes, { allowed: before.reviews.map(({ fingerprint }) => fingerprint) });
    assert.deepEqual([running(after), withheld(after)], [[['github', 'workspace', 'theirs']], []]);
  });

  it("keeps the user's server where a workspace gets it wrong, and leaves it out where a workspace does", async () => {
    const wrong = await read([
      user({ github: { command: 'mine' } }),
      workspace({ github: { type: 'stdio' } }),
    ]);
    assert.deepEqual(running(wrong), [['github', 'user', 'mine']]);
    assert.deepEqual(
      wrong.config.problems.map(({ server, severity }) => [server, severity]),
      [['github', 'warning']],
    );
    const alone = await read([workspace({ github: { type: 'stdio' } })]);
    assert.deepEqual(
      alone.config.problems.map(({ server, severity }) => [server, severity]),
      [['github', 'error']],
    );
    const off = { github: { command: 'mine', disabled: true } };
    const left = await read([user({ github: { command: 'mine' } }), workspace(off)]);
    assert.deepEqual([running(left), withheld(left)], [[], []]);
  });

  it('tells what is no object of servers, and what is wrong with an id', async () => {
    const { config } = await read([user('no object'), workspace({ '\u0007': { command: 'x' } })]);
    assert.deepEqual(
      config.problems.map(({ server, severity }) => [server, severity]),
      [
        [undefined, 'error'],
        ['\\u0007', 'error'],
      ],
    );
  });

  it('keeps the order of the settings, wider scopes first, and every name of a variable', async () => {
    const scopes = [
      user({ a: { command: 'a', args: ['${env:TOKEN}'] }, b: { command: 'b' } }),
      workspace({ c: { command: 'c', args: ['${env:OTHER}'] } }),
    ];
    const before = await read(scopes);
    assert.deepEqual([...(before.config.envNames ?? [])].sort(), ['OTHER', 'TOKEN']);
    const after = await read(scopes, { allowed: before.reviews.map(({ fingerprint }) => fingerprint) });
    assert.deepEqual(
      after.config.definitions.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
  });

  describe("a user's server about a folder", () => {
    const files = { files: { title: 'Files', command: 'x', args: ['${workspaceFolder}'] } };

    it('runs in a trusted folder', async () => {
      const result = await read([user(files)]);
      assert.deepEqual([running(result), withheld(result)], [[['files', 'user', 'x']], []]);
    });

    for (const [field, entry] of [
      ['cwd', { command: 'x', cwd: '${workspaceFolder}' }],
      ['args', files.files],
      ['env', { command: 'x', env: { ROOT: '${workspaceFolder}' } }],
      ['envFile', { command: 'x', envFile: '${workspaceFolder}/.env' }],
      ['command', { command: '${workspaceFolder:project}/run' }],
      ['url', { url: 'https://x.example/?at=${workspaceFolder}' }],
      ['headers', { url: 'https://x.example', headers: { 'X-At': '${workspaceFolder}' } }],
    ] as const)
      it(`does not start in an untrusted folder (${field})`, async () => {
        const result = await read([user({ files: entry, other: { command: 'y' } })], { trusted: false });
        assert.deepEqual(running(result), [['other', 'user', 'y']]);
        assert.deepEqual(withheld(result), [['files', 'needs-trust']]);
        assert.match(
          result.config.withheld?.[0]?.message ?? '',
          /not trusted\. Trust the folder to start it\.$/,
        );
      });

    for (const [what, folders, argument, message] of [
      ['no folder is open', {}, '', /no folder is open\. It starts in windows with a folder\./],
      [
        'several are open',
        { a: '/a', b: '/b' },
        '',
        /one of several folders here\. Write \$\{workspaceFolder:name\}/,
      ],
      ['one of another name is open', ONE, ':backend', /no folder of that name is open here/],
    ] as const)
      it(`is no error where ${what}`, async () => {
        const entry = { command: 'x', args: [`\${workspaceFolder${argument}}`] };
        for (const trusted of [true, false]) {
          const result = await read([user({ files: entry }, folders)], { trusted });
          assert.deepEqual([running(result), withheld(result)], [[], [['files', 'needs-folder']]]);
          assert.deepEqual(result.config.problems, []);
          assert.match(result.config.withheld?.[0]?.message ?? '', message);
        }
      });

    it('is not mentioned when it is disabled', async () => {
      const result = await read([user({ files: { ...files.files, disabled: true } }, {})]);
      assert.deepEqual([running(result), withheld(result), result.config.problems], [[], [], []]);
    });
  });
});

describe('the review of a server', () => {
  const facts = async (entry: object): Promise<string[]> => {
    const { reviews, config } = await read([workspace({ theirs: entry })]);
    assert.equal(reviews.length, 1, JSON.stringify(config));
    return reviews[0]!.facts.map(({ label, text }) => `${label}: ${text}`);
  };

  it('shows what a program is started with, and what it reads; secrets stay as they are written', async () => {
    assert.deepEqual(
      await facts({
        command: 'npx',
        args: ['-y', 'two words', '${config:acme.url}', '${env:TOKEN}', '${workspaceFolder}'],
        env: { NODE_OPTIONS: '--require ./x.js', KEY: '${env:TOKEN}', GONE: null },
        cwd: '/somewhere',
      }),
      [
        'Runs: npx -y "two words" https://evil.example ${env:TOKEN} /work/project',
        'In: /somewhere',
        'Sets: NODE_OPTIONS=--require ./x.js',
        'Sets: KEY=${env:TOKEN}',
        'Sets: GONE to nothing',
        'Reads: environment variable TOKEN; setting acme.url',
      ],
    );
  });

  it('shows where headers go, whatever makes up the address', async () => {
    assert.deepEqual(
      await facts({ url: '${config:acme.url}/mcp', headers: { Authorization: 'Bearer ${env:TOKEN}' } }),
      [
        'Connects to: https://evil.example/mcp',
        'Sends to evil.example: Authorization: Bearer ${env:TOKEN}',
        'Reads: environment variable TOKEN; setting acme.url',
      ],
    );
    assert.match((await facts({ url: 'https://${env:TOKEN}.example' }))[0] ?? '', / \(hunter2\.example\)$/);
  });
});
