import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Replay, type KeptEvent } from '../../../../src/endpoint/http/replay.js';
import { lengthOf } from '../../../../src/protocol/large/messageJson.js';

describe('Replay', () => {
  const event = fc.record({
    stream: fc.constantFrom('s', 'r1'),
    message: fc.string({ maxLength: 20 }),
    answer: fc.boolean(),
  });

  it('keeps the newest within its bounds, each stream in order, answers in half of the room before the rest', () => {
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
          const chars = kept.reduce((sum, { message }) => sum + lengthOf(message), 0);
          assert.ok(kept.length === 1 || (kept.length <= maxEvents && chars <= maxChars), 'within bounds');
          const gone = before.filter((one) => !kept.includes(one));
          const older = kept.filter((one) => one !== added);
          const answers = before.filter(({ answer }) => answer);
          const answerChars = answers.reduce((sum, { message }) => sum + lengthOf(message), 0);
          if (answers.length * 2 > maxEvents || answerChars * 2 > maxChars) return;
          assert.ok(
            gone.every(({ answer }) => !answer) || older.every(({ answer }) => answer),
            'answers that have room go only when nothing else is left',
          );
        });
      }),
    );
  });

  it('keeps a question that waits, however many answers were given before it', () => {
    const replay = new Replay(10, 1000);
    const add = (number: number, message: string, answer: boolean): void => {
      replay.add({ stream: 's', number, message, answer });
    };
    for (let number = 1; number <= 20; number++) add(number, 'answer', true);
    add(21, 'question', false);
    add(22, 'progress', false);
    assert.deepEqual(
      replay.after('s', 20).map(({ message }) => message),
      ['question', 'progress'],
    );
  });

  it('answers what came after an event of a stream', () => {
    const replay = new Replay(10, 100);
    for (let number = 1; number <= 3; number++)
      for (const stream of ['s', 'r1']) replay.add({ stream, number, message: 'x', answer: false });
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
