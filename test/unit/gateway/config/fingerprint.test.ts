import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fingerprint } from '../../../../src/gateway/config/fingerprint.js';
import type { HttpLaunch, Launch, StdioLaunch } from '../../../../src/gateway/model/definition.js';

const stdio: fc.Arbitrary<StdioLaunch> = fc.record({
  type: fc.constant('stdio' as const),
  command: fc.string(),
  args: fc.array(fc.string(), { maxLength: 4 }),
  env: fc.dictionary(fc.string(), fc.option(fc.string()), { maxKeys: 4 }),
  cwd: fc.string(),
});
const http: fc.Arbitrary<HttpLaunch> = fc.record({
  type: fc.constantFrom('http' as const, 'sse' as const),
  url: fc.string(),
  headers: fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }),
});
const launch: fc.Arbitrary<Launch> = fc.oneof(stdio, http);

const reversed = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).reverse());

const reordered = (launch: Launch): Launch =>
  launch.type === 'stdio'
    ? {
        cwd: launch.cwd,
        env: reversed(launch.env),
        args: launch.args,
        command: launch.command,
        type: 'stdio',
      }
    : { headers: reversed(launch.headers), url: launch.url, type: launch.type };

describe('fingerprint (invariant CacheKeyIsIdentity)', () => {
  it('is 64 hex digits, whatever the order of keys', () => {
    fc.assert(
      fc.property(launch, (it) => {
        assert.match(fingerprint(it), /^[0-9a-f]{64}$/);
        assert.equal(fingerprint(reordered(it)), fingerprint(it));
      }),
    );
  });

  it('differs when any one field that identifies the server differs', () => {
    const order = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).sort()
        : value;
    const oneField = (of: fc.Arbitrary<Launch>): void => {
      fc.assert(
        fc.property(of, of, fc.nat(), (it, other, pick) => {
          const field = Object.keys(it)[pick % Object.keys(it).length] as keyof Launch;
          fc.pre(JSON.stringify(order(it[field])) !== JSON.stringify(order(other[field])));
          assert.notEqual(fingerprint(it), fingerprint({ ...it, [field]: other[field] } as Launch), field);
        }),
      );
    };
    oneField(stdio);
    oneField(http);
  });

  const base: StdioLaunch = {
    type: 'stdio',
    command: 'node',
    args: ['a', 'b'],
    env: { KEY: 'one' },
    cwd: '/x',
  };
  const others: Record<string, Launch> = {
    command: { ...base, command: 'deno' },
    args: { ...base, args: ['a', 'c'] },
    'order of args': { ...base, args: ['b', 'a'] },
    'split of args': { ...base, args: ['a b'] },
    'env value': { ...base, env: { KEY: 'two' } },
    'env name': { ...base, env: { KEY2: 'one' } },
    'removed variable': { ...base, env: { KEY: null } },
    'text "null"': { ...base, env: { KEY: 'null' } },
    cwd: { ...base, cwd: '/y' },
    http: { type: 'http', url: 'http://x/', headers: {} },
    sse: { type: 'sse', url: 'http://x/', headers: {} },
    url: { type: 'http', url: 'http://y/', headers: {} },
    header: { type: 'http', url: 'http://x/', headers: { KEY: 'one' } },
  };
  it('tells one change at a time', () => {
    const all = [base, ...Object.values(others)].map(fingerprint);
    assert.equal(new Set(all).size, all.length);
  });

  it('stays the same from version to version, or every cache is lost', () => {
    assert.equal(fingerprint(base), 'a3aaf18a8bbda5031d483969598c00bf7961113752f82b0fbeded2abdb0b1785');
  });
});
