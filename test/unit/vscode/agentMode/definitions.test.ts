import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Catalog } from '../../../../src/gateway/model/catalog.js';
import type { ServerDefinition } from '../../../../src/gateway/model/definition.js';
import {
  addressOf,
  labelsOf,
  SessionVersions,
  versionOf,
} from '../../../../src/vscode/agentMode/definitions.js';

const server = (id: string, title = id, fingerprint = 'f'): ServerDefinition => ({
  id,
  title,
  launch: { type: 'http', url: 'http://x/', headers: {} },
  filter: { include: undefined, exclude: [] },
  timeouts: { connectMs: 1, callMs: 1, listMs: 1, drainMs: 1 },
  maxConcurrency: 1,
  questions: 'during-calls',
  agentMode: true,
  fingerprint,
});

const catalog = (tool: string): Catalog => ({
  serverInfo: { name: 's', version: '1' },
  instructions: undefined,
  capabilities: { tools: {} },
  protocolVersion: '2025-11-25',
  tools: [{ name: tool, inputSchema: { type: 'object' } }],
  resources: [],
  resourceTemplates: [],
  prompts: [],
});

describe('addressOf', () => {
  const endpoint = (socket?: string) => ({
    socket,
    port: 4000,
    pathOf: (id: string) => `/mcp/${encodeURIComponent(id)}`,
  });
  const ids = fc.oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.constant('io.example/with 50%'));

  it('is the port where there is no socket', () => {
    assert.deepEqual(addressOf(endpoint(), 'a/b'), {
      scheme: 'http',
      authority: '127.0.0.1:4000',
      path: '/mcp/a%2Fb',
    });
  });

  it('names the socket, or the pipe, with the path of the request as the fragment, each readable by who decodes it once', () => {
    const folders = fc.array(fc.stringMatching(/^[\w %.#-]{1,10}$/), { minLength: 1 });
    fc.assert(
      fc.property(ids, folders, fc.boolean(), (id, parts, onWindows) => {
        const socket = onWindows ? `\\\\.\\pipe\\${parts.join('-')}` : `/${parts.join('/')}`;
        const { scheme, authority, path, fragment = '' } = addressOf(endpoint(socket), id);
        assert.deepEqual([scheme, authority], [onWindows ? 'pipe' : 'unix', undefined]);
        assert.equal(decodeURIComponent(path), socket);
        assert.equal(decodeURIComponent(fragment), `/mcp/${encodeURIComponent(id)}`);
      }),
    );
  });
});

describe('labelsOf', () => {
  const labels = (...servers: ServerDefinition[]): string[] => [...labelsOf(servers).values()];

  it('is the title', () => {
    assert.deepEqual(labels(server('a', 'Alpha'), server('b')), ['Alpha', 'b']);
  });

  it('adds the id of a server whose title an earlier one has', () => {
    assert.deepEqual(labels(server('a', 'Same'), server('b', 'Same'), server('c', 'Same (b)')), [
      'Same',
      'Same (b)',
      'Same (b) (c)',
    ]);
    assert.deepEqual(labels(server('a', 'Same (c)'), server('b', 'Same'), server('c', 'Same')), [
      'Same (c)',
      'Same',
      'Same (c) (c)',
    ]);
  });

  it('gives every server its own, and takes none from those that were there before', () => {
    const servers = fc.uniqueArray(
      fc.record({ id: fc.stringMatching(/^[ab ()]{1,3}$/), title: fc.stringMatching(/^[ab ()]{1,5}$/) }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(servers, fc.nat(), (all, cut) => {
        const whole = labelsOf(all);
        assert.equal(new Set(whole.values()).size, all.length);
        for (const [id, label] of labelsOf(all.slice(0, cut))) assert.equal(whole.get(id), label);
      }),
    );
  });
});

describe('versionOf', () => {
  const stored = { fingerprint: 'f', catalog: catalog('echo') };

  it('is the same for the same catalog, and another for another catalog or filter', () => {
    const version = versionOf(server('a'), stored);
    assert.match(version, /^[0-9a-f]{64}$/);
    assert.equal(versionOf(server('b', 'B'), structuredClone(stored)), version);
    assert.notEqual(versionOf(server('a'), { ...stored, catalog: catalog('other') }), version);
    assert.notEqual(versionOf({ ...server('a'), filter: { include: ['x'], exclude: [] } }, stored), version);
  });

  it('is one of a kind where no catalog fits', () => {
    for (const found of [undefined, { ...stored, fingerprint: 'g' }])
      assert.notEqual(versionOf(server('a'), found), versionOf(server('a'), found));
  });
});

describe('SessionVersions', () => {
  it('reads each catalog once, and stays with what it said', async () => {
    const loads: string[] = [];
    let tool = 'echo';
    const versions = new SessionVersions({
      load: (id, fingerprint) => {
        loads.push(id);
        return Promise.resolve(id === 'none' ? undefined : { fingerprint, catalog: catalog(tool) });
      },
    });
    const first = await Promise.all([versions.of(server('a')), versions.of(server('none'))]);
    tool = 'other';
    assert.deepEqual(
      await Promise.all([versions.of(server('a', 'A', 'changed')), versions.of(server('none'))]),
      first,
    );
    assert.deepEqual(loads, ['a', 'none']);
  });

  it('waits for no disk', async () => {
    const versions = new SessionVersions({ load: () => new Promise(() => undefined) });
    // The timer of the bound holds no process up, so something else has to.
    const alive = setInterval(() => undefined, 1000);
    assert.ok(await versions.of(server('a')));
    clearInterval(alive);
  }).timeout(10_000);
});
