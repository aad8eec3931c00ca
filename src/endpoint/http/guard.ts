import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ClientToken } from '../tokens/clientToken.js';
import type { LiveTokens } from '../tokens/liveTokens.js';
import { tokenDigest } from '../../base/token.js';
import { REVISIONS } from '../../protocol/revisions.js';
import { REFUSED, Refusal } from './refusal.js';

const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const BEARER = /^Bearer +(\S+) *$/i;

export const sameDigest = (one: Buffer, other: Buffer): boolean => timingSafeEqual(one, other);

/** Where a request came in: at a port, or at the socket, which has none. */
export type Entrance = number | 'socket';

/** Whether a `Host` header names this machine and this port: names that others own could be made to lead here. */
export function isOwnHost(host: string | undefined, entrance: Entrance): boolean {
  // What programs that speak HTTP over a socket send: there is no other name for it.
  if (entrance === 'socket') return host?.toLowerCase() === 'localhost';
  const [, name, given = '80'] = /^(127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
  return name !== undefined && given === String(entrance);
}

/** Whether an `Origin` header is missing, as with every program but a browser, or a page of this machine. */
export const isOwnOrigin = (origin: string | undefined): boolean =>
  origin === undefined || LOOPBACK_ORIGIN.test(origin);

/** Who may come in. */
export interface Entrant {
  /** Of the token that was shown. */
  readonly digest: Buffer;
  /** Whose token that is; missing for the gateway's own. */
  readonly client: ClientToken | undefined;
}

/** Lets those in who are on this machine and know the gateway's token, or have one of their own. */
export class Guard {
  #token = '';
  #digest = tokenDigest('');

  /**
   * @param token the gateway's own, as it is now
   * @param clients the tokens of single clients
   */
  constructor(
    private readonly token: () => string,
    private readonly clients: Pick<LiveTokens, 'find' | 'peek'> | undefined,
  ) {}

  /**
   * What a request must show before anything else of it is looked at (MCP 2025-11-25, "Transports", Security Warning).
   * @throws Refusal 403, 401
   */
  async admit(headers: IncomingHttpHeaders, entrance: Entrance): Promise<Entrant> {
    this.checkPlace(headers, entrance);
    const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
    if (bearer === undefined) throw noToken();
    const shown = tokenDigest(bearer);
    if (this.#isOwn(shown)) return { digest: shown, client: undefined };
    const client = await this.clients?.find(shown);
    if (!client) throw noToken();
    return { digest: shown, client };
  }

  /** Whether a request is meant for this address, and comes from this machine. @throws Refusal 403 */
  checkPlace(headers: IncomingHttpHeaders, entrance: Entrance): void {
    if (!isOwnHost(headers.host, entrance))
      throw new Refusal(
        403,
        REFUSED,
        'This address answers to 127.0.0.1 and localhost only. Use the address from the client configuration.',
      );
    if (!isOwnOrigin(headers.origin))
      throw new Refusal(403, REFUSED, 'Pages of other origins may not use this address.');
  }

  /** Whether a token that was good still is, as far as is known. @throws Refusal 401 */
  check({ digest, client }: Entrant): void {
    if (client ? this.clients?.peek(digest) === undefined : !this.#isOwn(digest)) throw noToken();
  }

  #isOwn(shown: Buffer): boolean {
    const token = this.token();
    if (token !== this.#token) {
      this.#token = token;
      this.#digest = tokenDigest(token);
    }
    // Without a token of ours nobody may enter, also not with an empty one.
    return sameDigest(shown, this.#digest) && token !== '';
  }
}

const noToken = (): Refusal =>
  new Refusal(
    401,
    REFUSED,
    'The access token is missing or is not valid any more. Copy the client configuration again.',
    { 'www-authenticate': 'Bearer' },
  );

/** @throws Refusal 400 for a revision of MCP that is not known; none at all is fine */
export function checkVersion(headers: IncomingHttpHeaders): void {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !REVISIONS.includes(String(version)))
    throw new Refusal(
      400,
      REFUSED,
      `The header mcp-protocol-version names a version that is not supported. Supported are ${REVISIONS.join(', ')}.`,
    );
}
