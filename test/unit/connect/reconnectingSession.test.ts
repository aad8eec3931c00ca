import assert from 'node:assert/strict';
import type { Answer } from '../../../src/connect/answers.js';
import { NotTakenError } from '../../../src/connect/requestExchange.js';
import { ReconnectingSession, NoGatewayError } from '../../../src/connect/reconnectingSession.js';
import type { GatewaySession, SessionHandlers } from '../../../src/connect/clientSession.js';
import type { Message, RequestMessage } from '../../../src/protocol/messages.js';
import { deferred, type Deferred } from '../../../src/base/async/deferred.js';
import { silent } from '../../support/connectClient.js';
import { G, until } from '../../support/gateway.js';

/** Where the link asks for a gateway. */
interface Search {
  readonly leastMatch: number;
  readonly waitedMs: number;
}

/** A session that does what the test says. */
class PlayedSession implements GatewaySession {
  #over = false;
  /** Called once, when the link looks whether the session has ended meanwhile. */
  onLook: (() => void) | undefined;
  ended = 0;
  readonly told: Message[] = [];
  /** `initialize` is answered when this is resolved. */
  readonly opening: Deferred = deferred();
  failsToTell: Error | undefined;

  constructor(readonly handlers: SessionHandlers) {}

  get over(): boolean {
    const { onLook } = this;
    this.onLook = undefined;
    onLook?.();
    return this.#over;
  }

  async initialize({ id }: RequestMessage): Promise<Answer> {
    await this.opening.promise;
    return { jsonrpc: '2.0', id, result: {} };
  }

  request(): Promise<Answer> {
    return Promise.reject(new NotTakenError('not played'));
  }

  notify(message: Message): Promise<void> {
    if (this.failsToTell) {
      // As `HttpSession` does when it is not reached.
      if (this.failsToTell instanceof NotTakenError) this.lose();
      return Promise.reject(this.failsToTell);
    }
    this.told.push(message);
    return Promise.resolve();
  }

  listen(): void {
    // Nothing comes of itself.
  }

  end(): Promise<void> {
    this.#over = true;
    this.ended++;
    return Promise.resolve();
  }

  lose(): void {
    this.#over = true;
    this.handlers.onLost();
  }
}

const INITIALIZE: RequestMessage = { jsonrpc: '2.0', id: 0, method: 'initialize', params: {} };
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' } as const;

describe('the link of connect with whichever gateway runs', () => {
  const waitMs = 6 * G;
  let sessions: PlayedSession[];
  let searches: Search[];
  let losses: number;
  let match: number;
  let link: ReconnectingSession;
  let isThere: boolean;

  beforeEach(() => {
    sessions = [];
    searches = [];
    losses = 0;
    match = 7;
    isThere = true;
    let lostAt = performance.now();
    link = new ReconnectingSession({
      find: (leastMatch) => {
        searches.push({ leastMatch, waitedMs: performance.now() - lostAt });
        const found = { url: 'http://127.0.0.1:1/mcp', token: 't', pid: 1, match };
        return Promise.resolve(isThere && match >= leastMatch ? found : undefined);
      },
      logger: silent,
      waitMs,
      onMessage: () => Promise.resolve(),
      onLost: () => {
        losses++;
        lostAt = performance.now();
      },
      onBack: () => undefined,
      openSession: (_found, handlers) => {
        const session = new PlayedSession(handlers);
        sessions.push(session);
        return session;
      },
    });
  });
  afterEach(() => link.end());

  /** Waits for the session of this number, and lets it open. */
  async function opened(number: number): Promise<PlayedSession> {
    await until(() => sessions.length > number, `session ${number} is tried`);
    const session = sessions[number]!;
    session.opening.resolve();
    return session;
  }

  /** That nothing more is tried, for longer than the link pauses. */
  async function settled(number: number): Promise<void> {
    const signal = AbortSignal.timeout(2 * G);
    await link.current(new AbortController().signal);
    await until(() => signal.aborted, 'some time has passed');
    assert.equal(sessions.length, number);
    assert.equal(sessions.filter(({ over }) => !over).length, 1);
  }

  for (const [what, failure] of [
    ['is lost by it', new NotTakenError('gone')],
    ['does not answer it', new Error('no answer')],
  ] as const)
    it(`looks for one gateway, once, when a session in force ${what}`, async () => {
      const answer = link.open(INITIALIZE);
      const first = await opened(0);
      first.failsToTell = failure;
      await answer;
      await link.initialized(INITIALIZED);
      await opened(1);
      await settled(2);
      assert.deepEqual([losses, first.over], [1, true]);
      assert.deepEqual(sessions[1]!.told, [INITIALIZED]);
    });

  for (const [what, failure] of [
    ['is lost', new NotTakenError('gone')],
    ['gets no answer', new Error('no answer')],
  ] as const)
    it(`looks for one gateway, once, when a greeting that came as its session came into force ${what}`, async () => {
      const answer = link.open(INITIALIZE);
      await until(() => sessions.length === 1, 'a session is tried');
      const first = sessions[0]!;
      first.failsToTell = failure;
      first.onLook = () => void link.initialized(INITIALIZED);
      first.opening.resolve();
      await answer;
      await opened(1);
      await settled(2);
      assert.deepEqual([losses, sessions[1]!.told], [1, [INITIALIZED]]);
    });

  it('tries the next gateway when one cannot be greeted before its session is in force', async () => {
    const answer = link.open(INITIALIZE);
    await until(() => sessions.length === 1, 'a session is tried');
    sessions[0]!.failsToTell = new NotTakenError('gone');
    await link.initialized(INITIALIZED);
    sessions[0]!.opening.resolve();
    await opened(1);
    await answer;
    await settled(2);
    assert.deepEqual([losses, sessions[0]!.ended], [0, 1]);
  });

  it('does not look for another gateway when a session is lost that is not in force yet', async () => {
    void link.open(INITIALIZE).catch(() => undefined);
    await until(() => sessions.length === 1, 'a session is tried');
    sessions[0]!.lose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([searches.length, losses], [1, 0]);
    sessions[0]!.opening.resolve();
    await opened(1);
    await settled(2);
    assert.equal(losses, 0);
  });

  it('waits a third of its time for a gateway as near as the lost one, then takes any', async () => {
    const answer = link.open(INITIALIZE);
    const first = await opened(0);
    await answer;
    match = 3;
    searches.length = 0;
    first.lose();
    await opened(1);
    await link.current(new AbortController().signal);
    const loyal = searches.filter(({ leastMatch }) => leastMatch === 7);
    const last = searches.at(-1)!;
    assert.ok(loyal.length > 0 && loyal.every(({ waitedMs }) => waitedMs <= waitMs / 3));
    assert.deepEqual([last.leastMatch, last.waitedMs >= waitMs / 3], [0, true]);
  });

  it('is told that nobody is there when the first search has lasted as long as a request may', async () => {
    isThere = false;
    await assert.rejects(link.open(INITIALIZE), NoGatewayError);
  });
});
