import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDisabled } from '../../../../src/gateway/config/disabled.js';
import { parse } from './parsing.js';

describe('parseServers', () => {
  it('leaves out a server with "enabled": false, as other clients write it', async () => {
    const { definitions, problems } = await parse({
      off: { enabled: false, command: 'x' },
      on: { enabled: true, command: 'x' },
    });
    assert.deepEqual([definitions.map(({ id }) => id), problems], [['on'], []]);
    const wrong = await parse({ s: { enabled: 'false', command: 'x' } });
    assert.deepEqual(
      [wrong.definitions, wrong.problems.map(({ path, severity }) => [path, severity])],
      [[], [['mcpGateway.servers.s.enabled', 'error']]],
    );
  });

  it('leaves a disabled server out without a word, whatever else it says', async () => {
    assert.deepEqual(await parse({ a: { disabled: true, type: 7 }, '': { disabled: true } }), {
      definitions: [],
      problems: [],
      disabled: [{ id: 'a', title: 'a' }],
      envNames: [],
    });
  });

  it('names the servers that are disabled, so that they can be enabled where they are listed', async () => {
    const { definitions, disabled } = await parse({
      a: { disabled: true, title: ' Mine\u202e ' },
      b: { enabled: false, title: 7 },
      c: { command: 'x' },
    });
    assert.deepEqual(
      definitions.map(({ id }) => id),
      ['c'],
    );
    assert.deepEqual(
      disabled?.map(({ id }) => id),
      ['a', 'b'],
    );
    assert.match(disabled[0]?.title ?? '', /^Mine/);
    assert.doesNotMatch(disabled[0]?.title ?? '', /\u202e/);
    assert.equal(disabled[1]?.title, 'b');
  });

  it('tells everything that is wrong with a server at once', async () => {
    const { problems } = await parse({
      a: { command: 'x', args: ['${input:a}'], env: { B: '${input:b}' }, envFile: 'nope' },
    });
    assert.deepEqual(
      problems.map(({ path }) => path.replace('mcpGateway.servers.a.', '')),
      ['args.0', 'env.B', 'envFile'],
    );
  });

  for (const id of ['', '  ', 'x'.repeat(101), 'a\nb', 'a\u0000', '\u0085', '__proto__']) {
    it(`refuses the name ${JSON.stringify(id)}`, async () => {
      const { definitions, problems } = await parse(JSON.parse(`{${JSON.stringify(id)}:{"command":"x"}}`));
      assert.deepEqual(definitions, []);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.message, /Give the server another name/);
      assert.doesNotMatch(problems[0]!.path, /\p{Cc}/u);
    });
  }

  it('takes names that objects have', async () => {
    const { definitions, problems } = await parse({
      constructor: { command: 'x' },
      toString: { command: 'y' },
    });
    assert.deepEqual([definitions.map(({ id }) => id), problems], [['constructor', 'toString'], []]);
  });

  for (const raw of [null, 1, 'x', true, [], [{ command: 'x' }]]) {
    it(`tells once that ${JSON.stringify(raw)} is no object of servers`, async () => {
      const { definitions, problems } = await parse(raw);
      assert.deepEqual([definitions, problems.map(({ path }) => path)], [[], ['mcpGateway.servers']]);
    });
  }

  it('takes no settings as no servers', async () => {
    assert.deepEqual(await parse(undefined), { definitions: [], problems: [] });
  });

  it('takes 500 servers and tells of the rest', async () => {
    const { definitions, problems } = await parse(
      Object.fromEntries(Array.from({ length: 502 }, (_, index) => [`s${index}`, { command: 'x' }])),
    );
    assert.deepEqual([definitions.length, problems.length], [500, 1]);
    assert.match(problems[0]!.message, /has 502 servers; only the first 500/);
  });

  it('bounds what it tells of one server, and keeps its errors', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, 1]));
    const { problems } = await parse({ a: { ...unknown, command: 1 } });
    assert.ok(problems.length <= 20);
    assert.equal(problems[0]?.severity, 'error');
  });

  it('answers to whatever comes in, with a definition or a problem for each server', async () => {
    const field = fc.constantFrom(
      ...[
        'type',
        'command',
        'args',
        'env',
        'envFile',
        'cwd',
        'url',
        'headers',
        'title',
        'tools',
        'timeouts',
        'maxConcurrency',
        'agentMode',
        'x',
      ],
    );
    const value = fc.oneof(
      fc.anything(),
      fc.jsonValue(),
      fc.string(),
      fc.constantFrom('stdio', 'http', '${env:X}', 'http://x'),
    );
    const entry = fc.oneof(
      { weight: 3, arbitrary: fc.dictionary(field, value) },
      { weight: 1, arbitrary: fc.anything() },
    );
    const id = fc.oneof(fc.string(), fc.constantFrom('a', 'b', '__proto__', 'constructor'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), fc.jsonValue(), fc.dictionary(id, entry)), async (raw) => {
        const { definitions, problems } = await parse(raw);
        for (const { message, path } of problems)
          assert.ok(message.length > 10 && path.startsWith('mcpGateway.servers'));
        if (raw === undefined) return;
        if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
          assert.equal(problems.length, 1);
          return;
        }
        const ids = new Set(definitions.map(({ id }) => id));
        for (const [id, server] of Object.entries(raw)) {
          const off = isDisabled(server);
          const told = problems.some(
            (problem) => problem.severity === 'error' && (problem.server ?? id) === id,
          );
          assert.equal(ids.has(id) || off || told, true);
          assert.equal(
            ids.has(id) && problems.some((problem) => problem.severity === 'error' && problem.server === id),
            false,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
