import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { REVISIONS } from '../../protocol/revisions.js';
import { REFUSED, Refusal } from './refusal.js';

const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const BEARER = /^Bearer +(\S+) *$/i;

/** Of a token; tokens are compared and kept by it only. */
export const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

export const sameDigest = (one: Buffer, other: Buffer): boolean => timingSafeEqual(one, other);

/** Whether a `Host` header names this machine and this port: names that others own could be made to lead here. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  const [, name, given = '80'] = /^(127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i.exec(host ?? '') ?? [];
  return name !== undefined && given === String(port);
}

/** Whether an `Origin` header is missing, as with every program but a browser, or a page of this machine. */
export const isOwnOrigin = (origin: string | undefined): boolean =>
  origin === undefined || LOOPBACK_ORIGIN.test(origin);

/**
 * What a request must show before anything else of it is looked at (MCP 2025-11-25, "Transports", Security Warning).
 * @param token the one that is needed
 * @returns the digest of the client's token
 * @throws Refusal 403, 401
 */
export function admit(headers: IncomingHttpHeaders, port: number, token: string): Buffer {
  if (!isOwnHost(headers.host, port))
    throw new Refusal(
      403,
      REFUSED,
      'This address answers to 127.0.0.1 and localhost only. Use the address from the client configuration.',
    );
  if (!isOwnOrigin(headers.origin))
    throw new Refusal(403, REFUSED, 'Pages of other origins may not use this address.');
  const shown = digest(BEARER.exec(headers.authorization ?? '')?.[1] ?? '');
  // Without a token of ours nobody may enter, also not with an empty one.
  if (!sameDigest(shown, digest(token)) || token === '')
    throw new Refusal(
      401,
      REFUSED,
      'The access token is missing or is not valid any more. Copy the client configuration again.',
      { 'www-authenticate': 'Bearer' },
    );
  return shown;
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
