import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FollowedLines, lastLines } from '../../../../src/base/files/readLines.js';
import { olderFile, RotatingLines } from '../../../../src/base/files/rotatingLines.js';
import { temporaryFolder } from '../../../support/gateway.js';

describe('lines in a file that starts over', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  let path: string;
  const problems: string[] = [];
  beforeEach(async () => {
    problems.length = 0;
    path = join(await temporaryFolder(cleanups), 'made', 'lines');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const open = (more: { maxBytes?: number; maxWaiting?: number; path?: string } = {}): RotatingLines =>
    new RotatingLines({
      path,
      maxBytes: 1000,
      maxWaiting: 100,
      gatherMs: 60_000,
      onProblem: ({ message }) => problems.push(message),
      ...more,
    });

  it('are written in order, for the user alone', async () => {
    const lines = open();
    lines.add('one');
    lines.add('two');
    await lines.flush();
    lines.add('three');
    await lines.dispose();
    lines.add('after the end');
    await lines.flush();
    assert.equal(await readFile(path, 'utf8'), 'one\ntwo\nthree\n');
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('are at most twice the size of a file, and never lost in the middle', async () => {
    const lines = open({ maxBytes: 100 });
    for (let index = 0; index < 100; index++) {
      lines.add(`line ${index}`);
      await lines.flush();
      assert.ok((await stat(path)).size <= 100);
    }
    const kept = [...(await lastLines(olderFile(path))), ...(await lastLines(path))];
    const first = 100 - kept.length;
    assert.deepEqual(
      kept,
      kept.map((_, index) => `line ${first + index}`),
    );
    assert.ok(kept.length > 10);
  });

  it('of many writers at once do not push out a full file more than once', async () => {
    await mkdir(dirname(path));
    const before = Array.from({ length: 100 }, (_, index) => `before ${index}`);
    await writeFile(path, `${before.join('\n')}\n`);
    const writers = Array.from({ length: 8 }, () => open({ maxBytes: 500 }));
    for (const [index, lines] of writers.entries()) lines.add(`new ${index}`);
    await Promise.all(writers.map((lines) => lines.flush()));
    const kept = [...(await lastLines(olderFile(path))), ...(await lastLines(path))];
    assert.deepEqual(kept.slice(0, 100), before);
    assert.equal(new Set(kept).size, 108);
    assert.deepEqual(problems, []);
    assert.deepEqual((await readdir(dirname(path))).sort(), ['lines', 'lines.1']);
  });

  it('start over although a process was killed while it made room', async () => {
    await mkdir(dirname(path));
    await writeFile(path, 'x'.repeat(2000));
    const lock = `${path}.lock`;
    await writeFile(lock, '');
    const lines = open();
    lines.add('another makes room');
    await lines.flush();
    assert.ok((await stat(path)).size > 2000);
    await utimes(lock, 0, 0);
    for (const line of ['it has gone', 'so that this one does']) {
      lines.add(line);
      await lines.flush();
    }
    assert.equal(await readFile(path, 'utf8'), 'so that this one does\n');
  });

  it('wait within bounds: the oldest make room', async () => {
    const lines = open({ maxWaiting: 3 });
    for (let index = 0; index < 10; index++) lines.add(`line ${index}`);
    await lines.flush();
    assert.deepEqual(await lastLines(path), ['line 7', 'line 8', 'line 9']);
  });

  it('that cannot be written are a problem that is told once', async () => {
    const file = join(await temporaryFolder(cleanups), 'a-file');
    await writeFile(file, '');
    const lines = open({ path: join(file, 'below') });
    for (let index = 0; index < 3; index++) {
      lines.add('lost');
      await lines.flush();
    }
    assert.equal(problems.length, 1);
  });

  it('reach a follower once each, across a change of files and half written lines', async () => {
    const lines = open({ maxBytes: 40 });
    const follower = new FollowedLines(path, olderFile(path));
    assert.deepEqual(await follower.read(), []);
    const seen: string[] = [];
    for (let index = 0; index < 30; index++) {
      lines.add(`line ${index}`);
      await lines.flush();
      // Never more than one change of files between two readings.
      if (index % 3 === 0) seen.push(...(await follower.read()));
    }
    seen.push(...(await follower.read()));
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, index) => `line ${index}`),
    );
    await writeFile(path, 'ha', { flag: 'a' });
    assert.deepEqual(await follower.read(), []);
    await writeFile(path, 'lf\n', { flag: 'a' });
    assert.deepEqual(await follower.read(), ['half']);
  });
});
