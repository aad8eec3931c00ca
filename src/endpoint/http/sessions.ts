import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { RequestMessage } from '../../protocol/messages.js';
import type { Target } from '../endpoint.js';
import type { DoorOptions, SessionHandler } from '../httpDoor.js';
import type { Accepts } from './content.js';
import { sameDigest, type Entrant } from './guard.js';
import type { DoorLimits } from './limits.js';
import { NO_SESSION, Refusal, REFUSED } from './refusal.js';
import { targetKey } from './route.js';
import { HttpSession } from './httpSession.js';

/** How often in its idle time a session is looked at. */
const LOOKS_PER_IDLE_TIME = 8;

interface Entry {
  readonly session: HttpSession;
  readonly target: string;
  /** Who opened it. */
  readonly entrant: Entrant;
}

/** The sessions of the door, as many as it takes: opens them, finds them again, ends those that nobody uses. */
export class Sessions {
  readonly #entries = new Map<string, Entry>();
  readonly #timer: NodeJS.Timeout;
  readonly #revocations: NodeJS.Timeout;

  constructor(
    private readonly options: Pick<DoorOptions, 'open' | 'logger' | 'clients'>,
    private readonly limits: DoorLimits,
  ) {
    this.#timer = setInterval(() => {
      const before = performance.now() - limits.idleMs;
      for (const { session } of [...this.#entries.values()])
        if (session.usedAt <= before) void session.close();
    }, limits.idleMs / LOOKS_PER_IDLE_TIME);
    this.#timer.unref();
    this.#revocations = setInterval(() => {
      void this.#endRevoked();
    }, limits.revocationMs);
    this.#revocations.unref();
  }

  /** Opens a session with the request that it begins with. @throws Refusal 503 when there are too many */
  open(
    target: Target,
    entrant: Entrant,
    request: RequestMessage,
    response: ServerResponse,
    accepts: Accepts,
  ): void {
    this.#makeRoom();
    const session: HttpSession = new HttpSession(this.limits, () => {
      this.#entries.delete(session.id);
    });
    this.#entries.set(session.id, { session, target: targetKey(target), entrant });
    let handler: SessionHandler;
    try {
      handler = this.options.open(target, session, entrant.client);
    } catch (error) {
      void session.close();
      throw error;
    }
    if (session.ended) {
      handler.dispose();
      throw new Refusal(503, REFUSED, 'The session was closed at once. Try again.');
    }
    const { onclose } = session;
    session.onclose = () => {
      onclose?.();
      handler.dispose();
    };
    session.begin(request, response, accepts);
  }

  /** @throws Refusal 400 without an id; 404 when there is none, also when it is of another path or another token */
  find(id: string | undefined, target: Target, digest: Buffer): HttpSession {
    if (id === undefined)
      throw new Refusal(400, REFUSED, 'The header mcp-session-id is missing. Begin with "initialize".');
    const entry = this.#entries.get(id);
    if (!entry || entry.target !== targetKey(target) || !sameDigest(entry.entrant.digest, digest))
      throw new Refusal(
        404,
        NO_SESSION,
        'There is no such session, or it has ended. Begin a new one with "initialize".',
      );
    return entry.session;
  }

  /** @param why what a request that still waits is told */
  endAll(status: number, code: number, why: string): void {
    for (const { session } of [...this.#entries.values()]) session.end(status, code, why);
  }

  dispose(): void {
    clearInterval(this.#timer);
    clearInterval(this.#revocations);
    this.endAll(503, REFUSED, 'The gateway is closing. Try again when it runs.');
  }

  /**
   * A token that has expired, or that another program revoked, ends what was opened with it; so does one that allows
   * something else by now, because a session keeps to what it began with.
   */
  async #endRevoked(): Promise<void> {
    await Promise.all(
      [...this.#entries.values()].map(async ({ session, entrant }) => {
        if (!entrant.client) return;
        const now = await this.options.clients?.find(entrant.digest);
        if (isDeepStrictEqual(now, entrant.client)) return;
        const why = now ? 'its token allows something else now' : 'its token is not valid any more';
        session.end(404, NO_SESSION, `This session has ended, because ${why}.`);
      }),
    );
  }

  /** The one that was idle for the longest goes; whoever has a stream or waits for an answer is not idle. */
  #makeRoom(): void {
    if (this.#entries.size < this.limits.sessions) return;
    let idlest: HttpSession | undefined;
    for (const { session } of this.#entries.values())
      if (!session.busy && (!idlest || session.usedAt < idlest.usedAt)) idlest = session;
    if (!idlest)
      throw new Refusal(503, REFUSED, 'There are too many open sessions. Close one and try again.');
    void idlest.close();
  }
}
