import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { catalog, StoreFixture, stored } from './diskSupport.js';

/** What can happen to a file: a cut, flipped bits, or a run of zeros as after a power cut. */
const damage = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }),
  fc.record({
    kind: fc.constant('flip' as const),
    bits: fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({
    kind: fc.constant('zero' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(file: Buffer, what: Damage): Buffer {
  const at = (share: number, size: number): number => Math.floor(share * size);
  switch (what.kind) {
    case 'cut':
      return file.subarray(0, at(what.at, file.length));
    case 'zero':
      return Buffer.concat([file.subarray(0, at(what.at, file.length)), Buffer.alloc(file.length)]).subarray(
        0,
        file.length,
      );
    case 'flip': {
      const copy = Buffer.from(file);
      for (const share of what.bits) {
        const bit = at(share, file.length * 8);
        copy[bit >> 3]! ^= 1 << (bit & 7);
      }
      return copy;
    }
  }
}

describe('files of the catalog cache', () => {
  let fixture: StoreFixture;

  beforeEach(async () => {
    fixture = new StoreFixture();
    await fixture.create();
  });

  afterEach(async () => {
    await fixture.remove();
  });

  it('1,000 random truncations and bit flips: never a throw, never what was not saved under that fingerprint', async () => {
    const store = fixture.store();
    const saved = stored('f', 'echo', 'sum');
    await store.save('a', saved);
    const path = await fixture.onlyFile();
    const good = await readFile(path);
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (what, exact) => {
        const bad = damaged(good, what);
        fc.pre(!bad.equals(good));
        await writeFile(path, bad);
        assert.equal(await store.load('a', exact ? 'f' : 'another'), undefined, 'a damaged file was used');
      }),
      { numRuns: 1000 },
    );
    await writeFile(path, good);
    assert.deepEqual(await store.load('a', 'f'), saved);
  });

  const faults: readonly { what: string; file: (good: Buffer) => Buffer; says: RegExp; stays: boolean }[] = [
    { what: 'truncated', file: (good) => good.subarray(0, -1), says: /not complete/, stays: false },
    {
      what: 'extended',
      file: (good) => Buffer.concat([good, Buffer.from(' ')]),
      says: /not complete/,
      stays: false,
    },
    {
      what: 'changed in one letter',
      file: (good) => Buffer.from(good.toString().replace('"echo"', '"ecko"')),
      says: /checksum/,
      stays: false,
    },
    {
      what: 'changed in its header',
      file: (good) => Buffer.from(good.toString().replace('"savedAt":1', '"savedAt":2')),
      says: /checksum/,
      stays: false,
    },
    {
      what: 'without a field of its header',
      file: (good) => Buffer.from(good.toString().replace('"savedAt"', '"sawedAt"')),
      says: /header is damaged/,
      stays: false,
    },
    {
      what: 'of a newer format',
      file: (good) => Buffer.from(good.toString().replace('"format":1', '"format":2')),
      says: /newer version/,
      stays: true,
    },
    { what: 'foreign', file: () => Buffer.from('{"servers":{}}\n{}'), says: /not a catalog/, stays: true },
    { what: 'binary', file: () => Buffer.from([0xff, 0xfe, 10, 0]), says: /not a catalog/, stays: true },
    { what: 'empty', file: () => Buffer.alloc(0), says: /not a catalog/, stays: true },
  ];
  for (const { what, file, says, stays } of faults) {
    it(`a file that is ${what} is a miss with one log line${stays ? ', and stays' : ''}`, async () => {
      const before = fixture.store();
      await before.save('a', stored('f', 'echo'));
      // Its pruning would find the file that is written below too old for the fixture's clock.
      await before.idle();
      const path = await fixture.onlyFile();
      await writeFile(path, file(await readFile(path)));
      const store = fixture.store();
      assert.equal(await store.load('a', 'f'), undefined);
      assert.equal(await store.load('a', 'f'), undefined);
      assert.equal(fixture.lines.length, 1, fixture.lines.join('\n'));
      assert.match(fixture.lines[0] ?? '', says);
      assert.match(fixture.lines[0] ?? '', /^info: /);
      assert.equal((await fixture.files()).length, stays ? 1 : 0);
      await store.save('a', stored('f', 'again'));
      assert.deepEqual(await store.load('a', 'f'), stored('f', 'again'));
    });
  }

  it('a damaged file does not hide the last good catalog of another fingerprint', async () => {
    const store = fixture.store();
    await store.save('a', stored('f1', 'one'));
    const path = await fixture.onlyFile();
    await store.save('a', stored('f2', 'two'));
    await store.save('a', stored('f1', 'newer one'));
    await writeFile(path, 'damaged');
    assert.deepEqual(await store.load('a', 'f1'), stored('f2', 'two'));
  });

  it('a file under the name of another server is a miss', async () => {
    const store = fixture.store();
    await store.save('a', stored('f', 'of a'));
    const pathOfA = await fixture.onlyFile();
    await store.save('b', stored('f', 'of b'));
    const [nameOfB] = (await fixture.files()).filter((name) => name.startsWith('b'));
    const fileOfB = await readFile(pathOfA.replace(/[^\\/]+$/, nameOfB ?? ''));
    await writeFile(pathOfA, fileOfB);
    assert.equal(await store.load('a', 'f'), undefined);
    assert.match(fixture.lines.join(), /belongs under another name/);
  });

  it('a whole file whose content is no catalog is a miss', async () => {
    const store = fixture.store();
    for (const broken of [
      { ...catalog(), tools: [{ name: 1, inputSchema: {} }] },
      { ...catalog(), tools: [{ name: 'x' }] },
      { ...catalog(), tools: [{ name: 'x', inputSchema: {}, annotations: { readOnlyHint: 'yes' } }] },
      { ...catalog(), tools: {} },
      { ...catalog(), resources: [{ name: 'x' }] },
      { ...catalog(), resourceTemplates: [{ name: 'x', uri: 'x' }] },
      { ...catalog(), prompts: [{ name: 'x', arguments: [{}] }] },
      { ...catalog(), prompts: [...Array<{ name: string }>(600).fill({ name: 'x' }), { title: 'x' }] },
      { ...catalog(), serverInfo: undefined },
    ]) {
      fixture.lines.length = 0;
      await store.save('a', { fingerprint: 'f', catalog: broken as never });
      assert.equal(await store.load('a', 'f'), undefined);
      assert.match(fixture.lines.join(), /what it holds is not a catalog/);
    }
  });

  it('a directory or a link in the place of a file is a miss', async () => {
    const store = fixture.store();
    await store.save('a', stored('f', 'x'));
    const path = await fixture.onlyFile();
    await rename(path, `${path}.elsewhere`);
    // On Windows only some users may make links.
    if (process.platform !== 'win32') {
      await symlink(`${path}.elsewhere`, path);
      assert.equal(await store.load('a', 'f'), undefined);
      await rm(path);
    }
    await mkdir(path);
    assert.equal(await store.load('a', 'f'), undefined);
  });

  it('the header says what the file holds', async () => {
    await fixture.store().save('a', stored('f', 'x'));
    const file = await open(await fixture.onlyFile());
    const [line = '', body = ''] = (await file.readFile('utf8')).split('\n');
    await file.close();
    const { sha256, ...header } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(header, {
      format: 1,
      server: 'a',
      fingerprint: 'f',
      savedAt: fixture.now,
      bytes: body.length,
    });
    const signed = `${JSON.stringify([1, 'a', 'f', fixture.now, body.length])}\n${body}`;
    assert.equal(sha256, createHash('sha256').update(signed).digest('hex'));
  });
});
