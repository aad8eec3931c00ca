import assert from 'node:assert/strict';
import { askForServers } from '../../../../src/vscode/chat/serverQuestion.js';
import { ConsentDesk } from '../../../../src/vscode/consent/consentDesk.js';
import { isAmong } from '../../../../src/vscode/consent/folders.js';
import type { Review } from '../../../../src/vscode/consent/review.js';
import { reviewDetail, reviewsMarkdown } from '../../../../src/vscode/consent/reviewText.js';
import { ServerConsents } from '../../../../src/vscode/consent/serverConsents.js';
import { recordedAnswer } from '../chat/support.js';

const review = (id: string, more: Partial<Review> = {}): Review => ({
  id,
  title: id,
  fingerprint: `fingerprint of ${id}`,
  replaces: false,
  facts: [{ label: 'Runs', text: `run ${id}` }],
  ...more,
});

function memory() {
  const stored = new Map<string, unknown>();
  return {
    stored,
    get: (key: string): unknown => stored.get(key),
    update: (key: string, value: unknown): Promise<void> => {
      stored.set(key, value);
      return Promise.resolve();
    },
  };
}

/** A desk of a workspace that brings these servers. */
function deskOf(...brought: Review[]) {
  const consents = new ServerConsents(memory());
  let configured = 0;
  const desk = new ConsentDesk({
    consents,
    reviews: () => brought.filter((one) => !consents.covers(one)),
    reconfigure: () => {
      configured++;
      return Promise.resolve();
    },
  });
  return { desk, consents, configured: () => configured };
}

const signal = new AbortController().signal;

describe('ServerConsents', () => {
  const server = { id: 'a', fingerprint: 'f' };

  it('covers a server as it was defined, beyond the window', async () => {
    const storage = memory();
    const consents = new ServerConsents(storage);
    assert.equal(consents.covers(server), false);
    await consents.add([server]);
    assert.equal(new ServerConsents(storage).covers(server), true);
    assert.equal(consents.covers({ ...server, fingerprint: 'g' }), false);
    assert.equal(consents.covers({ ...server, id: 'b' }), false);
  });

  it('forgets the earlier definition of a server, is bounded, and can be reset', async () => {
    const consents = new ServerConsents(memory());
    await consents.add([server]);
    await consents.add([{ ...server, fingerprint: 'g' }]);
    assert.equal(consents.covers(server), false);
    for (let n = 0; n < 600; n++) await consents.add([{ id: `s${n}`, fingerprint: 'f' }]);
    assert.equal(await consents.reset(), 500);
    assert.equal(consents.covers({ id: 's599', fingerprint: 'f' }), false);
    assert.equal(await consents.reset(), 0);
  });

  it('allows nothing by what it does not understand in the storage', () => {
    const storage = memory();
    for (const value of ['x', { server: 'a', fingerprint: 'f' }, [null, 1, { server: 'a' }]]) {
      storage.stored.set('mcpGateway.allowedServers', value);
      assert.equal(new ServerConsents(storage).covers(server), false);
    }
  });
});

describe('the question about servers in a chat', () => {
  it('is not asked where nothing waits', async () => {
    const answer = recordedAnswer();
    await askForServers(deskOf().desk, answer, signal);
    assert.deepEqual(answer.said, []);
  });

  it('waits for the answer, stores what was allowed and has it started', async () => {
    const { desk, consents, configured } = deskOf(review('a'));
    const answer = recordedAnswer();
    const asked = askForServers(desk, answer, signal);
    assert.match(answer.said[0] ?? '', /bring an MCP server that you have not allowed yet/);
    assert.deepEqual(answer.said.slice(1), [
      'button: Allow mcpGateway.answerServerConsent allow',
      'button: Deny mcpGateway.answerServerConsent deny',
      'progress: Waiting for your answer…',
    ]);
    assert.equal(configured(), 0);
    await desk.allow(desk.questions.open[0]!.request);
    await asked;
    assert.equal(consents.covers(review('a')), true);
    assert.equal(configured(), 1);
    assert.match(answer.said.at(-1) ?? '', /^notice: Allowed a;/);
  });

  it('asks about several at once, is answered wherever all of them are decided, and says of each what became of it', async () => {
    const { desk } = deskOf(review('a'), review('b'));
    const answer = recordedAnswer();
    const asked = askForServers(desk, answer, signal);
    assert.deepEqual(
      answer.said.filter((said) => said.startsWith('button')).map((said) => said.split(' mcp')[0]),
      ['button: Allow all 2', 'button: Choose…', 'button: Deny'],
    );
    await desk.allow([review('a')]);
    assert.equal(desk.questions.open.length, 1);
    desk.refuse([review('b')]);
    await asked;
    assert.match(answer.said.at(-1) ?? '', /^notice: Allowed a;[^]*Not allowed: b\./);
  });

  it('does not ask again in this window for what was denied, unless it changes; a command still can', async () => {
    const { desk, consents } = deskOf(review('a'));
    desk.refuse([review('a')]);
    const answer = recordedAnswer();
    await askForServers(desk, answer, signal);
    assert.deepEqual(answer.said, []);
    assert.equal(consents.covers(review('a')), false);
    assert.equal(desk.find('a')?.id, 'a');
    await desk.reset();
    assert.equal(desk.unanswered.length, 1);
  });

  it('allows nothing when the turn is stopped, and asks in the next', async () => {
    const { desk, consents } = deskOf(review('a'));
    const stop = new AbortController();
    const asked = askForServers(desk, recordedAnswer(), stop.signal);
    stop.abort();
    await asked;
    assert.equal(consents.covers(review('a')), false);
    assert.equal(desk.unanswered.length, 1);
    assert.deepEqual(desk.questions.open, []);
  });

  it('asks about twenty at most', async () => {
    const { desk } = deskOf(...Array.from({ length: 30 }, (_, n) => review(`s${n}`)));
    const stop = new AbortController();
    const asked = askForServers(desk, recordedAnswer(), stop.signal);
    assert.equal(desk.questions.open[0]?.request.length, 20);
    stop.abort();
    await asked;
  });
});

describe('the words of a review', () => {
  it('show what would be hidden, turned around or out of sight, and format nothing', () => {
    const text = `run\u202e ${' '.repeat(200)}; rm -rf\n\`\`\`\n[Allow](command:x)`;
    const markdown = reviewsMarkdown([review('a', { title: '**Safe**', facts: [{ label: 'Runs', text }] })]);
    assert.match(markdown, /\*\*\\\*\\\*Safe\\\*\\\* \(a\)\*\*/);
    const [line = ''] = markdown.split('\n').filter((text) => text.startsWith('- Runs'));
    assert.match(
      line,
      /^- Runs: run\\\\u202e \; rm \\-rf\\\\n\\`\\`\\`\\\\n\\\[Allow\\\]\\\(command\\:x\\\)$/,
    );
    assert.match(reviewDetail(review('a', { facts: [{ label: 'Runs', text }] })), /\\u202e[^]*rm -rf\\n/);
  });

  it('say what is replaced, and are bounded', () => {
    const one = review('a', { replaces: true, facts: [{ label: 'Runs', text: 'x'.repeat(100_000) }] });
    assert.match(
      reviewsMarkdown([one]),
      /\*\*a\*\*, which replaces the server of this name in your own settings/,
    );
    assert.match(reviewDetail(one), /^It replaces the server of this name in your own settings\./);
    assert.ok(reviewsMarkdown([one]).length < 12_000);
    assert.ok(reviewDetail(one).length < 2500);
    assert.match(reviewDetail(one), /characters are left out here/);
  });
});

describe('isAmong', () => {
  for (const [folder, list, among] of [
    ['/home/me/work', ['/home/me/work'], true],
    ['/home/me/work', ['/home/me/work/'], true],
    ['/home/me/work', ['~/work'], true],
    ['/home/me/work', ['/home/me'], false],
    ['/home/me', ['/home/me/work'], false],
    ['/home/me', ['', ' ', 7, null], false],
    ['/home/me', '/home/me', false],
    ['/home/me', undefined, false],
  ] as const)
    it(`${folder} ${among ? 'is' : 'is not'} among ${JSON.stringify(list)}`, () => {
      assert.equal(isAmong(folder, list, '/home/me'), among);
    });
});
