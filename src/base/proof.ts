import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * How a gateway shows that it knows the token before it is sent there. Whoever connects sends a nonce and the address that it
 * dialled; the gateway answers a nonce of its own and an HMAC-SHA256, with the token as the key, over all that is said here.
 */
export interface Challenge {
  /** The address that was dialled, as {@link tcpAddress} or {@link socketAddress} writes it. */
  readonly address: string;
  /** Of the side that connects. */
  readonly clientNonce: string;
  /** Of the gateway. */
  readonly serverNonce: string;
}

/** Where on the gateway a proof is asked for, with `POST`. */
export const PROOF_PATH = '/proof';

/** Characters of an address; a Unix socket has 108 at most. */
export const MAX_ADDRESS_CHARS = 512;

/** Names this use of the token, its version and the role of the signer, so that no other MAC under the token is a proof. */
const DOMAIN = 'mcp-tool-gateway/proof/1 gateway';
const NONCE_BYTES = 32;
const NONCE = /^[A-Za-z0-9_-]{43}$/;

export const newNonce = (): string => randomBytes(NONCE_BYTES).toString('base64url');

export const isNonce = (value: unknown): value is string => typeof value === 'string' && NONCE.test(value);

/** @param host numeric, as the connection itself says: a name could lead elsewhere */
export const tcpAddress = (host: string, port: number): string => `tcp:${host}:${port}`;

/** @param path of a Unix socket or of a named pipe */
export const socketAddress = (path: string): string => `socket:${path}`;

/** The proof in base64url, 43 characters. */
export const prove = (token: string, challenge: Challenge): string =>
  mac(token, challenge).toString('base64url');

/** Whether a proof is right; takes as long for a wrong one. */
export function isProof(proof: unknown, token: string, challenge: Challenge): boolean {
  const shown = Buffer.from(typeof proof === 'string' ? proof : '', 'base64url');
  const right = mac(token, challenge);
  return shown.length === right.length && timingSafeEqual(shown, right);
}

/** JSON keeps the parts apart, so that no two challenges have the same text. */
function mac(token: string, { address, clientNonce, serverNonce }: Challenge): Buffer {
  return createHmac('sha256', token)
    .update(JSON.stringify([DOMAIN, address, clientNonce, serverNonce]))
    .digest();
}
