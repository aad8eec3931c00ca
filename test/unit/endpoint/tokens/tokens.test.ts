import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  isTokenName,
  readClientToken,
  writeClientToken,
  type ClientToken,
} from '../../../../src/endpoint/tokens/clientToken.js';
import { LiveTokens } from '../../../../src/endpoint/tokens/liveTokens.js';
import { TokenStore } from '../../../../src/endpoint/tokens/tokenStore.js';
import { newToken, tokenDigest } from '../../../../src/base/token.js';
import { temporaryFolder, until } from '../../../support/gateway.js';

const example: ClientToken = {
  name: 'claude',
  token: newToken(),
  createdAt: 1,
  expiresAt: 2,
  servers: ['a'],
  readOnly: true,
};

describe('tokens of clients', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let folder: string;
  let store: TokenStore;
  beforeEach(async () => {
    folder = join(await temporaryFolder(cleanups), 'made', 'tokens');
    store = new TokenStore(folder);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  describe('in files', () => {
    it('are made once by name, kept for the user alone, listed by name and revoked', async () => {
      const b = await store.create('b', { readOnly: false }, undefined);
      const a = await store.create('a', { readOnly: true, servers: ['x'] }, 5_000_000_000_000);
      assert.notEqual(a.token, b.token);
      assert.deepEqual(await store.list(), [a, b]);
      if (process.platform !== 'win32') {
        assert.equal((await stat(join(folder, 'a.json'))).mode & 0o777, 0o600);
        assert.equal((await stat(folder)).mode & 0o777, 0o700);
      }
      await assert.rejects(store.create('a', { readOnly: false }, undefined), /There is a token "a" already/);
      assert.deepEqual(await store.read('a'), a);
      assert.deepEqual([await store.revoke('a'), await store.revoke('a')], [true, false]);
      assert.deepEqual(await store.list(), [b]);
    });

    it('of ten that are made at once under one name, one is', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => store.create('same', { readOnly: false }, undefined)),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.deepEqual(await readdir(folder), ['same.json']);
    });

    it('have names that no file system reads otherwise', () => {
      for (const name of [
        '',
        '.',
        '..',
        'A',
        'a/b',
        'a\\b',
        'con',
        'nul.json',
        'lpt1',
        'a.',
        '-a',
        'ä',
        'a'.repeat(64),
      ])
        assert.equal(isTokenName(name), false, name);
      for (const name of ['a', 'claude-code', 'ci_1', 'a.b', 'a'.repeat(63)])
        assert.equal(isTokenName(name), true, name);
    });

    it('that are damaged, renamed or no tokens are none', async () => {
      const made = await store.create('good', { readOnly: true }, undefined);
      await writeFile(join(folder, 'copied.json'), await readFile(join(folder, 'good.json')));
      await writeFile(join(folder, 'half.json'), writeClientToken(made).subarray(0, 30));
      await writeFile(join(folder, 'notes.txt'), 'mine');
      await mkdir(join(folder, 'folder.json'));
      assert.deepEqual(await store.list(), [made]);
    });

    it('come back as they were, and any change of a part makes them none or restricts as it says', () => {
      assert.deepEqual(readClientToken(writeClientToken(example).toString()), example);
      const broken = fc.record(
        {
          servers: fc.oneof(fc.constant(null), fc.string(), fc.constant([1]), fc.constant([''])),
          readOnly: fc.oneof(fc.constant(undefined), fc.constant(0), fc.constant('true'), fc.constant(null)),
          expiresAt: fc.oneof(fc.constant('soon'), fc.constant(-1), fc.constant(1.5), fc.constant(null)),
        },
        { requiredKeys: [] },
      );
      fc.assert(
        fc.property(broken, (change) => {
          const read = readClientToken(JSON.stringify({ ...example, ...change }));
          assert.equal(read === undefined, Object.keys(change).length > 0);
        }),
      );
      fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => readClientToken(text) === undefined));
    });
  });

  describe('in an endpoint', () => {
    it('are found by their digest as soon as they are made, and are gone a second after they were revoked', async () => {
      const live = new LiveTokens(() => store.list());
      assert.equal(await live.find(tokenDigest('nobody')), undefined);
      const made = await store.create('late', { readOnly: false }, undefined);
      await until(async () => (await live.find(tokenDigest(made.token))) !== undefined, 'it is found', 3000);
      await store.revoke('late');
      await until(async () => (await live.find(tokenDigest(made.token))) === undefined, 'it is gone', 3000);
    });

    it('are read a few times a second at most, however many strangers knock', async () => {
      let readings = 0;
      const live = new LiveTokens(() => {
        readings++;
        return Promise.resolve([]);
      });
      const startedAt = performance.now();
      for (let round = 0; round < 5; round++)
        await Promise.all(
          Array.from({ length: 1000 }, (_, knock) => live.find(tokenDigest(`${round} ${knock}`))),
        );
      const allowed = 1 + (performance.now() - startedAt) / 200;
      assert.ok(readings <= allowed, `${readings} readings`);
    });

    it('are found at once although a stranger knocked just before they were made', async () => {
      const live = new LiveTokens(() => store.list());
      assert.equal(await live.find(tokenDigest('nobody')), undefined);
      const made = await store.create('late', { readOnly: false }, undefined);
      assert.deepEqual(await live.find(tokenDigest(made.token)), made);
    });

    it('are none once they have expired', async () => {
      const token = { ...example, expiresAt: Date.now() + 200 };
      const live = new LiveTokens(() => Promise.resolve([token]));
      assert.equal(await live.find(tokenDigest(token.token)), token);
      await until(() => live.peek(tokenDigest(token.token)) === undefined, 'it has expired', 3000);
    });
  });
});
