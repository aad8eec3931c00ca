import assert from 'node:assert/strict';
import { chmod, chown, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { watchLag } from '../../../support/lag.js';
import { StoreFixture, stored } from './diskSupport.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('createDiskStore', () => {
  let fixture: StoreFixture;

  beforeEach(async () => {
    fixture = new StoreFixture();
    await fixture.create();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  it('finds nothing, and makes nothing, before something was saved', async () => {
    assert.equal(await fixture.store().load('a', 'f'), undefined);
    await assert.rejects(fixture.files(), { code: 'ENOENT' });
    assert.deepEqual(fixture.lines, []);
  });

  it('gives back what was saved, to this store and to the next', async () => {
    const store = fixture.store();
    await store.save('a', stored('f', 'echo', 'sum'));
    assert.deepEqual(await store.load('a', 'f'), stored('f', 'echo', 'sum'));
    assert.deepEqual(await fixture.store().load('a', 'f'), stored('f', 'echo', 'sum'));
    assert.equal(await store.load('b', 'f'), undefined);
    assert.deepEqual(fixture.lines, []);
  });

  for (const [what, spoil] of [
    ['others can write', (path: string) => chmod(path, 0o777)],
    ['belongs to another user', (path: string) => chown(path, 12_345, 12_345)],
  ] as const)
    it(`believes nothing in a folder that ${what}, writes nothing there, and says so once`, async function () {
      if (process.getuid?.() !== 0 && (process.platform === 'win32' || what.includes('another'))) this.skip();
      await fixture.store().save('a', stored('f', 'echo'));
      const files = await fixture.files();
      await spoil(fixture.directory);
      const store = fixture.store();
      assert.equal(await store.load('a', 'f'), undefined);
      await store.save('b', stored('f', 'echo'));
      assert.deepEqual(await fixture.files(), files);
      assert.match(
        fixture.lines.join('\n'),
        /^warn: .* cannot be used \((it belongs to another|other) user[^\n]*\n?debug/s,
      );
      assert.equal(fixture.lines.filter((line) => line.startsWith('warn')).length, 1);
    });

  it('keeps fields that it does not know', async () => {
    const odd = stored('f', 'echo');
    const tool = JSON.parse(
      '{"name":"x","inputSchema":{"$x":[1]},"icons":[{"src":"s"}],"__proto__":{"a":1}}',
    ) as never;
    const catalog = { ...odd.catalog, instructions: 'Read me.\u2028\ud83d\ude00', tools: [tool] };
    await fixture.store().save('a', { ...odd, catalog });
    assert.equal(JSON.stringify(await fixture.store().load('a', 'f')), JSON.stringify({ ...odd, catalog }));
  });

  it('keeps servers apart whose ids look alike in a file name', async () => {
    const ids = [
      'a/b',
      'a.b',
      'A_B',
      'a_b',
      '../a_b',
      '',
      'x'.repeat(300),
      `${'x'.repeat(300)}y`,
      'con',
      '日本',
    ];
    const store = fixture.store();
    for (const id of ids) await store.save(id, stored('f', `tool of ${id}`));
    for (const id of ids) assert.deepEqual(await store.load(id, 'f'), stored('f', `tool of ${id}`));
    for (const name of await fixture.files()) assert.match(name, /^[a-z0-9_.-]{1,80}$/);
  });

  it('falls back to the newest of another fingerprint, and tells which', async () => {
    const store = fixture.store();
    await store.save('a', stored('f1', 'one'));
    await store.save('a', stored('f2', 'two'));
    await store.save('b', stored('f3', 'three'));
    assert.deepEqual(await store.load('a', 'f0'), stored('f2', 'two'));
    assert.deepEqual(await store.load('a', 'f1'), stored('f1', 'one'));
    await store.save('a', stored('f1', 'one more'));
    assert.deepEqual(await store.load('a', 'f0'), stored('f1', 'one more'));
  });

  it('keeps at most three older fingerprints of a server', async () => {
    const store = fixture.store();
    for (let i = 0; i < 6; i++) {
      fixture.now += 1000;
      await store.save('a', stored(`f${i}`, `t${i}`));
    }
    await store.save('b', stored('f0', 'other'));
    assert.equal((await fixture.files()).length, 5);
    assert.deepEqual(await store.load('a', 'f2'), stored('f2', 't2'));
    assert.deepEqual(await store.load('a', 'f1'), stored('f5', 't5'));
  });

  it('writes one after another and lets the latest win', async () => {
    const store = fixture.store();
    const saves = Array.from({ length: 50 }, (_, i) => store.save('a', stored('f', `t${i}`)));
    await Promise.all(saves);
    assert.deepEqual(await store.load('a', 'f'), stored('f', 't49'));
    assert.equal((await fixture.files()).length, 1);
  });

  it('forgets one server, or all, also what was about to be written', async () => {
    const store = fixture.store();
    await store.save('a', stored('f1', 'x'));
    await store.save('b', stored('f', 'x'));
    void store.save('a', stored('f2', 'x'));
    await store.clear('a');
    assert.equal(await store.load('a', 'f1'), undefined);
    assert.deepEqual(await store.load('b', 'f'), stored('f', 'x'));
    void store.save('a', stored('f2', 'x'));
    const cleared = store.clear();
    const after = store.save('c', stored('f', 'after'));
    await Promise.all([cleared, after]);
    assert.equal((await fixture.files()).length, 1);
    assert.deepEqual(await store.load('c', 'f'), stored('f', 'after'));
  });

  it('lets only the user read the files', async function () {
    if (process.platform === 'win32') this.skip();
    await fixture.store().save('a', stored('f', 'x'));
    assert.equal((await stat(await fixture.onlyFile())).mode & 0o777, 0o600);
    assert.equal((await stat(fixture.directory)).mode & 0o777, 0o700);
  });

  it('makes the directory anew when it was removed', async () => {
    const store = fixture.store();
    await store.save('a', stored('f', 'x'));
    await store.idle();
    await rm(fixture.directory, { recursive: true });
    assert.equal(await store.load('a', 'f'), undefined);
    await store.save('a', stored('f', 'y'));
    assert.deepEqual(await store.load('a', 'f'), stored('f', 'y'));
    assert.deepEqual(fixture.lines, []);
  });

  it('works without the cache when the directory cannot be made, and says so once', async () => {
    await mkdir(fixture.directory, { recursive: true });
    const file = join(fixture.directory, 'a-regular-file');
    await writeFile(file, '');
    const store = fixture.store({}, join(file, 'below'));
    await store.save('a', stored('f', 'x'));
    await store.save('b', stored('f', 'x'));
    assert.equal(await store.load('a', 'f'), undefined);
    await store.clear();
    const warnings = fixture.lines.filter((line) => !line.startsWith('debug'));
    assert.equal(warnings.length, 1, fixture.lines.join('\n'));
    const code = process.platform === 'win32' ? 'ENOENT' : 'ENOTDIR';
    assert.match(
      (warnings[0] ?? '').replace(code, 'CODE'),
      /^warn: .*a-regular-file.below, cannot be used \(CODE\).*Make the folder writable/,
    );
  });

  it('neither writes nor reads a file above the limit', async () => {
    const big = stored('f', 'x'.repeat(5000));
    await fixture.store({ maxFileBytes: 2000 }).save('a', big);
    await assert.rejects(fixture.files(), { code: 'ENOENT' });
    assert.match(
      fixture.lines.join(),
      /info: The catalog of a is not kept on disk: it takes more than 2000 bytes there/,
    );
    await fixture.store().save('a', big);
    fixture.lines.length = 0;
    const small = fixture.store({ maxFileBytes: 2000 });
    assert.equal(await small.load('a', 'f'), undefined);
    assert.equal(await small.load('a', 'f'), undefined);
    assert.equal(fixture.lines.length, 1);
    assert.match(fixture.lines[0] ?? '', /larger than 2000 bytes/);
  });

  it('neither writes a catalog as JSON in one go, nor any more of it than a file may have', async () => {
    const quotes = '"'.repeat(20_000);
    const big = stored('f', ...Array.from({ length: 1000 }, (_, index) => `${quotes}${index}`));
    const begun = performance.now();
    JSON.stringify(big);
    const writeMs = performance.now() - begun;
    const lag = watchLag();
    await fixture.store().save('a', big);
    // Also what stood until now is measured by a timer.
    await delay(5);
    const { workedMs } = lag.stop();
    assert.match(fixture.lines.join(), /is not kept on disk/);
    assert.ok(workedMs < writeMs / 2, `worked ${workedMs} ms at a time, written in ${writeMs} ms`);
  });

  describe('pruning', () => {
    it('removes what was neither saved nor used for longer than the age allowed', async () => {
      const store = fixture.store({ maxAgeMs: 10 * DAY_MS });
      await store.save('old', stored('f', 'x'));
      await store.save('used', stored('f', 'x'));
      await store.idle();
      fixture.now += 9 * DAY_MS;
      await store.load('used', 'f');
      fixture.now += 5 * DAY_MS;
      await store.save('new', stored('f', 'x'));
      await store.idle();
      assert.equal(await store.load('old', 'f'), undefined);
      assert.deepEqual(await store.load('used', 'f'), stored('f', 'x'));
      assert.equal((await fixture.files()).length, 2);
    });

    it('keeps to the number of files, dropping the longest unused', async () => {
      const store = fixture.store({ maxFiles: 3 });
      for (let i = 0; i < 6; i++) {
        fixture.now += 2 * 60 * 60 * 1000;
        await store.save(`s${i}`, stored('f', 'x'));
        await store.idle();
      }
      assert.equal((await fixture.files()).length, 3);
      assert.equal(await store.load('s2', 'f'), undefined);
      assert.deepEqual(await store.load('s3', 'f'), stored('f', 'x'));
    });

    it('keeps to the total size', async () => {
      const store = fixture.store({ maxTotalBytes: 5000 });
      for (let i = 0; i < 6; i++) {
        fixture.now += 2 * 60 * 60 * 1000;
        await store.save(`s${i}`, stored('f', 'x'.repeat(1000)));
        await store.idle();
      }
      let total = 0;
      for (const name of await fixture.files()) total += (await stat(join(fixture.directory, name))).size;
      assert.ok(total <= 5000 && total > 3000, String(total));
    });

    it('happens at most once an hour', async () => {
      const store = fixture.store({ maxFiles: 1 });
      for (const id of ['a', 'b', 'c']) await store.save(id, stored('f', 'x'));
      await store.idle();
      assert.equal((await fixture.files()).length, 3);
      fixture.now += 61 * 60 * 1000;
      await store.save('c', stored('f', 'x'));
      await store.idle();
      assert.equal((await fixture.files()).length, 1);
    });

    it('removes what killed writers left behind, and nothing that is not its own', async () => {
      await mkdir(fixture.directory, { recursive: true });
      const names = [
        'a-0123456789abcdef-0123456789abcdef.v1.catalog.0123456789ab.tmp',
        'b-0123456789abcdef-0123456789abcdef.v1.catalog.0123456789ab.tmp',
        'notes.tmp',
        'c-0123456789abcdef-0123456789abcdef.v2.catalog',
      ];
      for (const [i, name] of names.entries()) {
        await writeFile(join(fixture.directory, name), 'x');
        const age = i === 1 ? 30 * 60 : (90 * DAY_MS) / 1000;
        await utimes(join(fixture.directory, name), fixture.now / 1000 - age, fixture.now / 1000 - age);
      }
      const store = fixture.store();
      await store.save('d', stored('f', 'x'));
      await store.idle();
      const left = await fixture.files();
      assert.deepEqual(
        names.map((name) => left.includes(name)),
        [false, true, true, true],
      );
    });
  });
});
