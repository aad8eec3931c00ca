import assert from 'node:assert/strict';
import { list, type ListingSources, type Member } from '../../../../src/gateway/listing/listing.js';
import type { Supervisor } from '../../../../src/gateway/upstream/server/supervisor.js';

type Fake = Partial<Record<keyof Supervisor, unknown>>;

const supervisor = (id: string, more: Fake = {}): Supervisor =>
  ({
    id,
    phase: 'live',
    definition: { title: id },
    unread: {},
    isCurrent: () => true,
    load: () => Promise.resolve(),
    attemptForList: () => undefined,
    ...more,
  }) as unknown as Supervisor;

const sources = (members: readonly Member[]): ListingSources => ({
  members,
  problems: [],
  withheld: [],
  directory: {
    view: ({ id }: Supervisor) => ({ tools: [`tool of ${id}`] }),
    oneOfEachName: (items: unknown) => items,
  } as unknown as ListingSources['directory'],
  gracePeriodMs: 1000,
});
const epoch = (remaining: () => number = () => 1000): Member['epoch'] =>
  ({ remaining, renew: () => undefined }) as unknown as Member['epoch'];

describe('list', () => {
  it('has nothing of a server that was removed while the list waited', async () => {
    const removed: Fake = { phase: 'live', isCurrent: () => false };
    removed.attemptForList = () => {
      (gone as { phase: string }).phase = 'disposed';
      return Promise.resolve();
    };
    const gone = supervisor('gone', removed);
    const listing = await list(
      'tools',
      sources([
        { supervisor: gone, epoch: epoch() },
        { supervisor: supervisor('kept'), epoch: epoch() },
      ]),
    );
    assert.deepEqual(listing, { items: ['tool of kept'], omitted: [], stale: [] });
  });

  it('GraceOncePerEpoch: the grace begins after the catalog was loaded from disk', async () => {
    const order: string[] = [];
    const slow = supervisor('s', {
      isCurrent: () => false,
      load: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('loaded');
      },
      attemptForList: () => {
        order.push('started');
        return Promise.resolve();
      },
    });
    const counted = epoch(() => {
      order.push('grace');
      return 1000;
    });
    await list('tools', sources([{ supervisor: slow, epoch: counted }]));
    assert.deepEqual(order, ['loaded', 'started', 'grace']);
  });
});
