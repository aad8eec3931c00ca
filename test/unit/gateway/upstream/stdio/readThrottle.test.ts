import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { ReadThrottle, ReadBudget } from '../../../../../src/gateway/upstream/stdio/readThrottle.js';
import { until } from '../../../../support/gateway.js';

describe('Pace', () => {
  it('lets through what is usual, and has more wait for the rest of its tenth of a second', () => {
    const pace = new ReadBudget();
    assert.equal(pace.spend(100, 100_000), 0);
    const waitMs = pace.spend(5000);
    assert.ok(waitMs > 0 && waitMs <= 100, `${waitMs} ms`);
  });

  it('counts bytes as well as lines', () => {
    assert.ok(new ReadBudget().spend(0, 16 * 1024 * 1024) > 0);
  });

  it('does not count the bytes that it has to spare', () => {
    const pace = new ReadBudget(16 * 1024 * 1024);
    assert.equal(pace.spend(0, 16 * 1024 * 1024), 0);
    assert.ok(pace.spend(0, 8 * 1024 * 1024) > 0);
  });

  it('spares as much again when that had been asked for', () => {
    const pace = new ReadBudget(16 * 1024 * 1024);
    for (let answer = 0; answer < 3; answer++) {
      assert.equal(pace.spend(0, 16 * 1024 * 1024), 0);
      pace.refill();
    }
    assert.equal(pace.spend(0, 16 * 1024 * 1024), 0);
    assert.ok(pace.spend(0, 16 * 1024 * 1024) > 0);
  });

  it('begins anew with the next tenth of a second', async () => {
    const pace = new ReadBudget();
    const end = performance.now() + pace.spend(5000);
    await until(() => performance.now() > end, 'the wait is over');
    assert.equal(pace.spend(1), 0);
  });
});

describe('Flow', () => {
  it('holds a stream back, and goes on without losing anything', async () => {
    const stream = new PassThrough();
    const flow = new ReadThrottle(stream);
    let seen = '';
    const held: boolean[] = [];
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      flow.spend(1000);
      held.push(stream.isPaused());
    });
    for (const letter of ['a', 'b', 'c']) {
      stream.write(letter);
      await until(() => seen.endsWith(letter), `${letter} is read`);
    }
    assert.deepEqual(held, [true, true, true]);
    await until(() => !stream.isPaused(), 'it goes on');
    assert.equal(seen, 'abc');
  });

  it('makes a stream that stops everything for long wait for as long', async () => {
    const stream = new PassThrough();
    const flow = new ReadThrottle(stream);
    const work = (ms: number) => (): void => {
      for (const end = performance.now() + ms; performance.now() < end;);
    };
    stream.resume();
    flow.read(1, () => undefined);
    assert.equal(stream.isPaused(), false);
    flow.read(1, work(60));
    const begun = performance.now();
    assert.equal(stream.isPaused(), true);
    await until(() => !stream.isPaused(), 'it goes on');
    assert.ok(performance.now() - begun >= 55);
  });

  it('is not let go earlier by a shorter pause that began before, nor by one that began after', async () => {
    const stream = new PassThrough();
    const flow = new ReadThrottle(stream);
    const work = (ms: number) => (): void => {
      for (const end = performance.now() + ms; performance.now() < end;);
    };
    stream.resume();
    flow.read(1, work(25));
    flow.read(1, work(150));
    const begun = performance.now();
    flow.read(1, work(25));
    await until(() => !stream.isPaused(), 'it goes on');
    assert.ok(performance.now() - begun >= 145, `${performance.now() - begun} ms`);
  });

  it('gives everything else its turn after a few milliseconds of work, and goes on', async () => {
    const stream = new PassThrough();
    const flow = new ReadThrottle(stream);
    const turns: string[] = [];
    stream.on('data', (chunk: Buffer) => {
      flow.read(1, () => {
        for (const end = performance.now() + 6; performance.now() < end;);
        turns.push(chunk.toString());
      });
    });
    for (const letter of ['a', 'b', 'c']) stream.write(letter);
    setImmediate(() => turns.push('others'));
    await until(() => turns.length === 4, 'all is read');
    assert.ok(turns.indexOf('others') < 3, turns.join());
    assert.equal(turns.filter((turn) => turn !== 'others').join(''), 'abc');
  });
});
