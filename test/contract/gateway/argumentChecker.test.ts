import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ArgumentChecker } from '../../../src/gateway/arguments/argumentChecker.js';
import type { JsonSchema } from '../../../src/gateway/model/catalog.js';
import type { Logger } from '../../../src/gateway/ports.js';
import { temporaryFolder } from '../../support/gateway.js';

const MS = 200;
const NEEDS_A = { type: 'object', required: ['a'] };
const REFUSED = ['"a" is required'];
const bomb = (n = 0): JsonSchema => ({
  $comment: `${n}`,
  properties: { a: { pattern: '^(?:.|.)*\\u0000$' } },
});
const SPARK = { a: 'x'.repeat(50) };

describe('ArgumentChecker', () => {
  const lines: string[] = [];
  const checkers: ArgumentChecker[] = [];
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeEach(() => {
    lines.length = 0;
  });
  afterEach(async () => {
    for (const checker of checkers.splice(0)) await checker.dispose();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  function make(program = resolve('dist/checker.js'), deadlineMs = MS) {
    const logger = (name: string): Logger => {
      const log = (line: string): void => void lines.push(`${name}: ${line}`);
      return { debug: log, info: log, warn: log, error: log };
    };
    const checker = new ArgumentChecker(program, deadlineMs, { gateway: logger('gateway'), server: logger });
    checkers.push(checker);
    return (server: string, schema: JsonSchema, args: unknown, signal?: AbortSignal) =>
      checker.check({ server, tool: 't', schema, args }, signal);
  }

  it('keeps a good server out of the way of a hostile one that has a bomb in every tool', async () => {
    const check = make();
    assert.deepEqual(await check('good', NEEDS_A, {}), REFUSED);
    const bombs = Array.from({ length: 40 }, (_, n) => check('evil', bomb(n), SPARK));
    const started = performance.now();
    // Between two bombs it is the good server's turn.
    for (let i = 0; i < 10; i++) assert.deepEqual(await check('good', NEEDS_A, {}), REFUSED);
    assert.deepEqual(
      (await Promise.all(bombs)).filter((reasons) => reasons.length > 0),
      [],
    );
    // Three strikes, not forty deadlines.
    assert.ok(performance.now() - started < 20 * MS, `${performance.now() - started} ms`);
    assert.deepEqual(await check('evil', NEEDS_A, {}), []);
    assert.equal(lines.filter((line) => line.startsWith('evil: ')).length, 1, 'one line per tool');
  });

  it('does not count against a check that its thread does not come to begin it', async () => {
    const folder = await temporaryFolder(cleanups);
    const busy = join(folder, 'busy.cjs');
    // As on a busy machine: it says that it runs, and then has no processor for several deadlines.
    await writeFile(
      busy,
      `require(${JSON.stringify(resolve('dist/checker.js'))});
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${5 * MS});`,
    );
    const check = make(busy);
    assert.deepEqual(await check('good', NEEDS_A, {}), REFUSED);
    assert.deepEqual(lines, []);
    // From then on the deadline holds.
    assert.deepEqual(await check('evil', bomb(), SPARK), []);
    assert.match(lines.join('\n'), /^evil: .*takes longer than/m);
  });

  it('survives what takes all memory, and says so', async () => {
    const check = make(undefined, 100 * MS);
    const nested = { items: { anyOf: Array.from({ length: 100 }, (_, i) => ({ const: `${i}` })) } };
    const args = { a: Array.from({ length: 100_000 }, () => 1) };
    assert.deepEqual(await check('evil', { properties: { a: nested } }, args), []);
    assert.match(lines.join('\n'), /too much memory/);
    assert.deepEqual(await check('good', NEEDS_A, {}), REFUSED);
  });

  it('ends the wait of a caller who gives up, whether its check waits or runs', async () => {
    const check = make(undefined, 50 * MS);
    await check('good', NEEDS_A, {});
    const [running, waiting] = [new AbortController(), new AbortController()];
    const both = [
      check('evil', bomb(), SPARK, running.signal),
      check('evil', bomb(1), SPARK, waiting.signal),
    ];
    const started = performance.now();
    waiting.abort(new Error('waiting'));
    running.abort(new Error('running'));
    await assert.rejects(Promise.race([both[1]]), /waiting/);
    await assert.rejects(Promise.race([both[0]]), /running/);
    assert.ok(performance.now() - started < 10 * MS);
    await assert.rejects(check('good', NEEDS_A, {}, AbortSignal.abort(new Error('before'))), /before/);
  });

  it('leaves to the server what waits too long, what comes when too much waits, and what is too large', async () => {
    const check = make(undefined, 50);
    const slow = ['a', 'b'].map((server) => check(server, bomb(), SPARK));
    const many = Array.from({ length: 40 }, () => check('many', NEEDS_A, {}));
    const found = (await Promise.all(many)).map((reasons) => reasons.length);
    assert.deepEqual(
      found.slice(32),
      Array.from({ length: 8 }, () => 0),
    );
    await Promise.all(slow);
    assert.match(lines.join('\n'), /^many: .*too many other checks/m);
    assert.deepEqual(await check('large', { ...NEEDS_A, description: 'x'.repeat(300_000) }, {}), []);
    assert.deepEqual(await check('big', NEEDS_A, { b: 'x'.repeat(5_000_000) }), []);
    assert.match(lines.join('\n'), /^large: .*too large/m);
    assert.match(lines.join('\n'), /^big: .*too large/m);
  });

  it('leaves all to the servers where its program is missing or fails', async () => {
    for (const program of [resolve('no/such/program.js'), resolve('package.json')]) {
      const check = make(program);
      for (let i = 0; i < 5; i++) assert.deepEqual(await check('s', NEEDS_A, {}), []);
      assert.match(lines.join('\n'), /did not start/);
      assert.equal(lines.splice(0).length, 1);
    }
  });

  it('checks nothing more once it is disposed, and lets go of who waits', async () => {
    const check = make(undefined, 50 * MS);
    await check('good', NEEDS_A, {});
    const waits = [check('a', bomb(), SPARK), check('b', NEEDS_A, {})];
    const [checker] = checkers;
    await checker?.dispose();
    assert.deepEqual(await Promise.all(waits), [[], []]);
    assert.deepEqual(await check('good', NEEDS_A, {}), []);
  });
});
