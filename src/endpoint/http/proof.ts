import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseObject } from '../../base/parseObject.js';
import { isNonce, MAX_ADDRESS_CHARS, newNonce, prove, socketAddress, tcpAddress } from '../../base/proof.js';
import { readBody } from './body.js';
import { checkContentType } from './content.js';
import { REFUSED, Refusal, respondJson } from './refusal.js';

/** Bytes of a question for a proof. */
const MAX_BYTES = 1024;

/**
 * Shows that this gateway knows the token, to a client that has not sent it yet: `{"address","nonce"}` is answered with
 * `{"nonce","proof"}` (see `base/proof.ts`). Only for the address at which this very connection came in: whoever stands
 * between, at an address of its own, has no use for the answer.
 * @param path of the socket that the connection came in at, if it was one
 * @throws Refusal
 */
export async function answerProof(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  path?: string,
): Promise<void> {
  if (request.method !== 'POST') throw new Refusal(405, REFUSED, 'Use POST.', { allow: 'POST' });
  checkContentType(request.headers);
  if (request.headers.expect !== undefined) response.writeContinue();
  const { address, nonce } = parseObject((await readBody(request, MAX_BYTES)).toString('utf8')) ?? {};
  if (!isNonce(nonce) || typeof address !== 'string' || address.length > MAX_ADDRESS_CHARS)
    throw new Refusal(400, REFUSED, 'A proof needs the address that was dialled, and a nonce of 32 bytes.');
  const { localAddress = '', localPort = 0 } = request.socket;
  const own = path === undefined ? tcpAddress(localAddress, localPort) : socketAddress(path);
  if (address !== own || token === '')
    throw new Refusal(403, REFUSED, 'This gateway is at another address. Look for it again.');
  const serverNonce = newNonce();
  const proof = prove(token, { address, clientNonce: nonce, serverNonce });
  respondJson(response, 200, JSON.stringify({ nonce: serverNonce, proof }));
}
