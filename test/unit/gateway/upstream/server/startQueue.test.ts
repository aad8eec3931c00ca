import assert from 'node:assert/strict';
import type { ProcessEntry } from '../../../../../src/gateway/upstream/stdio/processTable.js';
import {
  StartQueue,
  type StartPriority,
  type StartTicket,
} from '../../../../../src/gateway/upstream/server/startQueue.js';
import { deferred } from '../../../../../src/base/async/deferred.js';
import { until } from '../../../../support/gateway.js';

/** A queue on processes that are made up: each by its number, which is its group too. */
class Fixture {
  readonly processes = new Map<number, { state: string; ticks: number; children?: ProcessEntry[] }>();
  readonly order: string[] = [];
  readonly tickets = new Map<string, StartTicket>();
  readonly queue: StartQueue;
  scans = 0;

  constructor(limit: number, sighted = true) {
    const entry = (pid: number): ProcessEntry | undefined => {
      const found = this.processes.get(pid);
      return found && { group: pid, state: found.state, ticks: found.ticks };
    };
    this.queue = new StartQueue({
      limit,
      sighted,
      process: (pid) => Promise.resolve(entry(Number(pid))),
      processes: () => {
        this.scans++;
        return Promise.resolve(
          [...this.processes].flatMap(([pid, { children = [] }]) => [entry(pid)!, ...children]),
        );
      },
    });
  }

  enter(name: string, priority: StartPriority, expectedMs?: number, pid?: number): StartTicket {
    const ticket = this.queue.enter(priority, expectedMs);
    if (pid !== undefined) ticket.follow(() => pid);
    void ticket.admitted.then(() => this.order.push(name));
    this.tickets.set(name, ticket);
    return ticket;
  }

  leaveAll(): void {
    for (const ticket of this.tickets.values()) ticket.leave();
  }
}

const nextTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('StartQueue', () => {
  let fixture: Fixture;
  afterEach(() => {
    fixture.leaveAll();
  });

  it('lets in those that somebody waits for, the quick ones first, a few at a time', async () => {
    fixture = new Fixture(1);
    fixture.enter('warm-up', 'background', 10);
    fixture.enter('slow', 'list', 5000);
    fixture.enter('unknown', 'list');
    fixture.enter('quick', 'list', 100);
    const expected = ['quick', 'unknown', 'slow', 'warm-up'];
    for (let count = 1; count <= expected.length; count++) {
      await nextTurns();
      assert.deepEqual(fixture.order, expected.slice(0, count));
      fixture.tickets.get(expected[count - 1]!)?.leave();
    }
  });

  it('waits until all who may come are known, but not for long, and a call not at all', async () => {
    fixture = new Fixture(1);
    const slow = deferred();
    const quick = deferred();
    for (const lookup of [slow, quick]) fixture.queue.gather(lookup.promise);
    slow.resolve();
    await nextTurns();
    fixture.enter('slow', 'list', 5000);
    fixture.enter('call', 'front');
    await nextTurns();
    assert.deepEqual(fixture.order, ['call']);
    fixture.tickets.get('call')?.leave();
    quick.resolve();
    fixture.enter('quick', 'list', 100);
    await nextTurns();
    assert.deepEqual(fixture.order, ['call', 'quick']);
    fixture.tickets.get('quick')?.leave();
    await nextTurns();
    fixture.tickets.get('slow')?.leave();
    fixture.queue.gather(new Promise(() => undefined));
    fixture.enter('after a disk that hangs', 'list');
    await until(() => fixture.order.at(-1) === 'after a disk that hangs', 'it is let in all the same');
  });

  it('lets a call in at once, also one that comes for a start that waits', async () => {
    fixture = new Fixture(1);
    fixture.enter('first', 'list');
    await nextTurns();
    fixture.enter('waits', 'background');
    fixture.enter('other', 'list');
    fixture.enter('call', 'front');
    fixture.tickets.get('waits')?.hurry('front');
    await nextTurns();
    assert.deepEqual(fixture.order, ['first', 'call', 'waits']);
  });

  it('moves a start up for whom a list waits now', async () => {
    fixture = new Fixture(1);
    const first = fixture.enter('first', 'list');
    await nextTurns();
    for (const name of ['a', 'b']) fixture.enter(name, 'background');
    fixture.tickets.get('b')?.hurry('list');
    first.leave();
    await nextTurns();
    assert.deepEqual(fixture.order, ['first', 'b']);
  });

  it('gives the place of a start that idles to the next, not of one that computes or wants to', async () => {
    fixture = new Fixture(3);
    fixture.processes.set(1, { state: 'S', ticks: 5 });
    fixture.processes.set(2, { state: 'R', ticks: 5 });
    const child = { group: 3, state: 'S', ticks: 0 };
    fixture.processes.set(3, { state: 'S', ticks: 5, children: [child] });
    const timer = setInterval(() => {
      child.ticks++;
    }, 5);
    try {
      for (const pid of [1, 2, 3]) fixture.enter(`holder ${pid}`, 'list', pid, pid);
      await nextTurns();
      for (const name of ['next', 'last']) fixture.enter(name, 'list');
      await until(() => fixture.order.length >= 4, 'the idle one gave its place');
      const { scans } = fixture;
      // The other two are looked at further, and keep theirs.
      await until(() => fixture.scans >= scans + 5, 'they were looked at again');
      assert.deepEqual(fixture.order, ['holder 1', 'holder 2', 'holder 3', 'next']);
    } finally {
      clearInterval(timer);
    }
  });

  it('looks at nothing while nobody waits', async () => {
    fixture = new Fixture(2);
    fixture.processes.set(1, { state: 'S', ticks: 5 });
    fixture.enter('only', 'list', undefined, 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(fixture.scans, 0);
  });

  it('BoundedEverything: what computes for ever keeps its place for a bounded time, also unseen', async function () {
    this.timeout(20_000);
    for (const sighted of [true, false]) {
      fixture = new Fixture(1, sighted);
      fixture.processes.set(1, { state: 'R', ticks: 5 });
      fixture.enter('spins', 'list', 1, 1);
      fixture.enter('next', 'list');
      await until(() => fixture.order.includes('next'), 'the next was let in');
      fixture.leaveAll();
    }
  });

  it('forgets one that leaves before its turn', async () => {
    fixture = new Fixture(1);
    const first = fixture.enter('first', 'list');
    await nextTurns();
    fixture.enter('gone', 'list').leave();
    fixture.enter('next', 'list');
    first.leave();
    await nextTurns();
    assert.deepEqual(fixture.order, ['first', 'next']);
  });
});
