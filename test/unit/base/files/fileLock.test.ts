import assert from 'node:assert/strict';
import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { underLock } from '../../../../src/base/files/fileLock.js';
import { temporaryFolder } from '../../../support/gateway.js';

describe('underLock', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let path: string;
  let lock: string;
  beforeEach(async () => {
    path = join(await temporaryFolder(cleanups), 'file');
    lock = `${path}.lock`;
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1000);
  const lockedFor = async (seconds: number): Promise<void> => {
    await writeFile(lock, '');
    await utimes(lock, secondsAgo(seconds), secondsAgo(seconds));
  };
  const left = (): Promise<string[]> => readdir(join(path, '..'));
  const done = (): Promise<string> => Promise.resolve('done');

  /** What there is before, whether the work is done then, and whether it is done at the second try. */
  const table: [string, () => Promise<unknown>, first: boolean, second: boolean][] = [
    ['no lock', () => Promise.resolve(), true, true],
    ['the lock of a process that works', () => lockedFor(0), false, false],
    ['the lock of a process that may still work', () => lockedFor(20), false, false],
    ['the lock of a process that was killed', () => lockedFor(40), false, true],
    ['a lock that cannot be removed', () => mkdir(lock).then(() => utimes(lock, 0, 0)), false, false],
  ];
  for (const [what, prepare, first, second] of table)
    it(`${first ? 'works' : 'does not work'}, and at the second try ${second ? 'does' : 'does not'}, where there is ${what}`, async () => {
      await prepare();
      for (const expected of [first, second])
        assert.equal(await underLock(path, done), expected ? 'done' : undefined);
      assert.deepEqual(await left(), second ? [] : [basename(lock)]);
    });

  it('works nowhere where there is no folder for a lock', async () => {
    assert.equal(await underLock(join(path, 'below'), done), undefined);
  });

  it('lets one at a time work, which the others do not wait for', async () => {
    const answers = await underLock(path, async () => {
      if (process.platform !== 'win32') assert.equal((await stat(lock)).mode & 0o777, 0o600);
      return Promise.all([1, 2, 3].map((one) => underLock(path, () => Promise.resolve(one))));
    });
    assert.deepEqual(answers, [undefined, undefined, undefined]);
    assert.deepEqual(await left(), []);
  });

  it('gives the lock back when the work fails, and says why', async () => {
    await assert.rejects(
      underLock(path, () => Promise.reject(new Error('no room'))),
      /no room/,
    );
    assert.equal(await underLock(path, done), 'done');
  });

  it('asks a link itself for its age, and not the file that it leads to', async function () {
    if (process.platform === 'win32') this.skip();
    await writeFile(path, '');
    await utimes(path, 0, 0);
    await symlink(path, lock);
    assert.equal(await underLock(path, done), undefined);
    assert.deepEqual((await left()).sort(), ['file', 'file.lock']);
  });
});
