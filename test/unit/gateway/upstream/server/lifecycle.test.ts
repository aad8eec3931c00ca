import assert from 'node:assert/strict';
import { Lifecycle, type State } from '../../../../../src/gateway/upstream/server/lifecycle.js';

describe('Lifecycle', () => {
  const timer = (): NodeJS.Timeout => setTimeout(() => assert.fail('it was cleared'), 10);

  it('moves only from the state that the caller decided on', () => {
    let changes = 0;
    const life = new Lifecycle(() => changes++);
    const { state } = life;
    assert.ok(state.kind === 'idle');
    const idle = { kind: 'idle' } as const;
    assert.equal(life.move(idle, { kind: 'disposed' }), false);
    assert.equal(life.state, state);
    assert.equal(life.move(state, idle), true);
    assert.equal(life.state, idle);
    assert.equal(life.move(state, { kind: 'disposed' }), false);
    assert.equal(changes, 1);
  });

  it('clears the timer of a state that it leaves', async () => {
    const life = new Lifecycle(() => undefined);
    const idle = life.state as State & { kind: 'idle' };
    const starting = {
      kind: 'starting',
      attempt: { controller: new AbortController(), promise: never, ticket: undefined },
    } as const;
    const parked = { kind: 'parked', timer: timer() } as const;
    assert.ok(life.move(idle, starting) && life.move(starting, parked));
    assert.ok(life.move(parked, starting));
    const waiting = { kind: 'waiting', retryAt: 0, timer: timer() } as const;
    assert.ok(life.move(starting, waiting));
    assert.ok(life.move(waiting, { kind: 'idle' }));
    await new Promise((resolve) => setTimeout(resolve, 30));
  });

  it('illegal transitions do not type-check', () => {
    const life = new Lifecycle(() => undefined);
    const idle = { kind: 'idle' } as const;
    const parked = { kind: 'parked', timer: setTimeout(() => undefined, 0) } as const;
    const live = {} as State & { kind: 'live' };
    const disposed = { kind: 'disposed' } as const;
    // @ts-expect-error a server is not live before it has started
    life.move(idle, live);
    // @ts-expect-error nothing parks that has not just failed
    life.move(idle, parked);
    // @ts-expect-error a parked server is started, it does not become live by itself
    life.move(parked, live);
    // @ts-expect-error what runs is taken leave of before the end
    life.move(live, disposed);
    // @ts-expect-error the end is the end
    life.move(disposed, idle);
    clearTimeout(parked.timer);
    assert.equal(life.state.kind, 'idle');
  });
});

const never = new Promise<never>(() => undefined);
