import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Replay, type KeptEvent } from '../../../../src/endpoint/http/replay.js';

describe('Replay', () => {
  const event = fc.record({
    stream: fc.constantFrom('s', 'r1'),
    text: fc.string({ maxLength: 20 }),
    answer: fc.boolean(),
  });

  it('keeps the newest within its bounds, answers before the rest, each stream in order', () => {
    fc.assert(
      fc.property(fc.array(event), fc.nat(10), fc.nat(60), (events, maxEvents, maxChars) => {
        const replay = new Replay(maxEvents, maxChars);
        let kept: KeptEvent[] = [];
        events.forEach((each, index) => {
          const added = { ...each, number: index + 1 };
          replay.add(added);
          const before = [...kept, added];
          kept = [...replay.after('s', 0), ...replay.after('r1', 0)].sort((a, b) => a.number - b.number);
          assert.equal(kept.at(-1), added, 'the newest is there');
          const chars = kept.reduce((sum, { text }) => sum + text.length, 0);
          assert.ok(kept.length === 1 || (kept.length <= maxEvents && chars <= maxChars), 'within bounds');
          const gone = before.filter((one) => !kept.includes(one));
          const older = kept.filter((one) => one !== added);
          if (gone.some(({ answer }) => answer))
            assert.ok(
              older.every(({ answer }) => answer),
              'an answer goes only when nothing else is left',
            );
        });
      }),
    );
  });

  it('answers what came after an event of a stream', () => {
    const replay = new Replay(10, 100);
    for (let number = 1; number <= 3; number++)
      for (const stream of ['s', 'r1']) replay.add({ stream, number, text: 'x', answer: false });
    assert.deepEqual(
      replay.after('r1', 1).map(({ stream, number }) => [stream, number]),
      [
        ['r1', 2],
        ['r1', 3],
      ],
    );
    assert.deepEqual(replay.after('r2', 0), []);
    replay.clear();
    assert.deepEqual(replay.after('s', 0), []);
  });
});
