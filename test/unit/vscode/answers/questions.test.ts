import assert from 'node:assert/strict';
import { Questions, type Question } from '../../../../src/vscode/answers/questions.js';
import { gate } from '../chat/support.js';

const never = { signal: new AbortController().signal, during: {} };
const uninvited = { ...never, during: undefined };
const noInvite = (): Promise<never> => assert.fail('was invited');
const question = <T>(ask: () => Promise<T>): Question<T> => ({
  title: 'Server',
  ask,
  refused: (refusal) => {
    throw new Error(refusal);
  },
});

describe('Questions', () => {
  it('come one after another, also when one fails', async () => {
    const questions = new Questions(noInvite);
    const { opened, open } = gate();
    const log: string[] = [];
    const first = questions.ask(
      never,
      question(async () => {
        log.push('first');
        await opened;
        throw new Error('closed');
      }),
    );
    const second = questions.ask(
      never,
      question(() => Promise.resolve(log.push('second'))),
    );
    await new Promise(setImmediate);
    assert.deepEqual(log, ['first']);
    open();
    await assert.rejects(first, /closed/);
    await second;
    assert.deepEqual(log, ['first', 'second']);
  });

  it('are not asked when nobody waits for the answer any more', async () => {
    const questions = new Questions(noInvite);
    const { opened, open } = gate();
    const controller = new AbortController();
    const first = questions.ask(
      never,
      question(() => opened),
    );
    const second = questions.ask(
      { ...never, signal: controller.signal },
      question(() => assert.fail('was asked')),
    );
    controller.abort(new Error('cancelled'));
    open();
    await first;
    await assert.rejects(second, /cancelled/);
  });

  it('have no answer when the server has given them up meanwhile', async () => {
    const { opened, open } = gate();
    const controller = new AbortController();
    const asked = new Questions(noInvite).ask(
      { ...never, signal: controller.signal },
      question(() => opened.then(() => 'answer')),
    );
    await new Promise(setImmediate);
    controller.abort(new Error('given up'));
    open();
    await assert.rejects(asked, /given up/);
  });

  it('are not asked uninvited, and hold nobody up while the user is only invited', async () => {
    const invitations: ((answer: 'come' | 'decline') => void)[] = [];
    const questions = new Questions(() => new Promise((resolve) => invitations.push(resolve)));
    const asked: string[] = [];
    const ask = (name: string): Question<string> => ({
      title: 'Server',
      ask: () => {
        asked.push(name);
        return Promise.resolve(name);
      },
      refused: (refusal) => refusal,
    });
    const first = questions.ask(uninvited, ask('first'));
    const second = questions.ask(uninvited, ask('second'));
    assert.equal(await questions.ask(never, ask('third')), 'third');
    assert.deepEqual(asked, ['third']);
    invitations[1]?.('come');
    invitations[0]?.('decline');
    assert.deepEqual(await Promise.all([first, second]), ['decline', 'second']);
    assert.deepEqual(asked, ['third', 'second']);
  });
});
