import { hash, randomBytes } from 'node:crypto';

const BYTES = 32;

/** What the header `Authorization: Bearer` can carry (RFC 6750, section 2.1), with the bits of 16 random bytes at least. */
const TOKEN = /^[A-Za-z0-9._~+/-]{32,512}={0,2}$/;

/** A new bearer token: 256 random bits in base64url. */
export const newToken = (): string => randomBytes(BYTES).toString('base64url');

/** Whether a text can be a bearer token that nobody guesses. */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** SHA-256 of a token, by which tokens are compared: digests have one length, and tell nothing of the token. */
export const tokenDigest = (token: string): Buffer => hash('sha256', token, 'buffer');
