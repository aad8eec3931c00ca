import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { REVISIONS } from '../../protocol/revisions.js';
import { REFUSED, Refusal } from './refusal.js';

const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const BEARER = /^Bearer +(\S+) *$/i;

/** Of a token; clients' tokens are compared and kept by it only. */
const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

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

/** Lets those in who are on this machine and know the token. */
export class Guard {
  #token = '';
  #digest = digest('');

  /** @param token the one that is needed now */
  constructor(private readonly token: () => string) {}

  /**
   * What a request must show before anything else of it is looked at (MCP 2025-11-25, "Transports", Security Warning).
   * @returns the digest of the client's token
   * @throws Refusal 403, 401
   */
  admit(headers: IncomingHttpHeaders, entrance: Entrance): Buffer {
    this.checkPlace(headers, entrance);
    const shown = digest(BEARER.exec(headers.authorization ?? '')?.[1] ?? '');
    this.check(shown);
    return shown;
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

  /** Whether a token that was good still is. @param shown as `admit` answered it @throws Refusal 401 */
  check(shown: Buffer): void {
    const token = this.token();
    if (token !== this.#token) {
      this.#token = token;
      this.#digest = digest(token);
    }
    // Without a token of ours nobody may enter, also not with an empty one.
    if (!sameDigest(shown, this.#digest) || token === '')
      throw new Refusal(
        401,
        REFUSED,
        'The access token is missing or is not valid any more. Copy the client configuration again.',
        { 'www-authenticate': 'Bearer' },
      );
  }
}

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
