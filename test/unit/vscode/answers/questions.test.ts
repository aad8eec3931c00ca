import assert from 'node:assert/strict';
import { ClientError } from '../../../../src/gateway/model/client.js';
import { Questions } from '../../../../src/vscode/answers/questions.js';
import { gate } from '../chat/support.js';

const never = new AbortController().signal;

describe('Questions', () => {
  it('come one after another, also when one fails', async () => {
    const questions = new Questions();
    const { opened, open } = gate();
    const log: string[] = [];
    const first = questions.ask(never, async () => {
      log.push('first');
      await opened;
      throw new Error('closed');
    });
    const second = questions.ask(never, () => Promise.resolve(log.push('second')));
    await new Promise(setImmediate);
    assert.deepEqual(log, ['first']);
    open();
    await assert.rejects(first, /closed/);
    await second;
    assert.deepEqual(log, ['first', 'second']);
  });

  it('are not asked when nobody waits for the answer any more', async () => {
    const questions = new Questions();
    const { opened, open } = gate();
    const controller = new AbortController();
    const first = questions.ask(never, () => opened);
    const second = questions.ask(controller.signal, () => assert.fail('was asked'));
    controller.abort(new Error('cancelled'));
    open();
    await first;
    await assert.rejects(second, /cancelled/);
  });

  it('are bounded (invariant BoundedEverything)', async () => {
    const questions = new Questions();
    const { opened, open } = gate();
    const waiting = Array.from({ length: 20 }, () => questions.ask(never, () => opened));
    await assert.rejects(
      questions.ask(never, () => Promise.resolve()),
      ClientError,
    );
    open();
    await Promise.all(waiting);
    await questions.ask(never, () => Promise.resolve());
  });
});
