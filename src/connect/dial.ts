import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { parseObject } from '../base/parseObject.js';
import {
  isNonce,
  isProof,
  newNonce,
  PROOF_PATH,
  socketAddress,
  tcpAddress,
  type Challenge,
} from '../base/proof.js';
import { abortReason } from '../base/async/abort.js';
import { requestUrl, UnprovenError, type Place } from './place.js';

/** Milliseconds until a gateway on this machine must have taken a connection and proved itself. */
export const PROOF_MS = 2000;
/** Bytes of the answer that holds the proof. */
const MAX_BODY_BYTES = 1024;

/**
 * Connects with a gateway and lets it prove that it knows the token. The token may be sent on the connection that this answers
 * and on no other: somebody else might listen by then.
 * @param proofMs milliseconds for both
 * @throws UnprovenError, what the connection failed with, the signal's reason
 */
export async function dial(place: Place, signal: AbortSignal, proofMs = PROOF_MS): Promise<Socket> {
  const inTime = AbortSignal.timeout(proofMs);
  const both = AbortSignal.any([signal, inTime]);
  let socket: Socket | undefined;
  try {
    socket = await opened(place, both);
    await prove(socket, place, both);
    return socket;
  } catch (error) {
    socket?.destroy();
    if (signal.aborted) throw abortReason(signal);
    if (inTime.aborted)
      throw new UnprovenError('silent', `It did not prove within ${proofMs} ms that it is your gateway.`);
    if (socket === undefined || error instanceof UnprovenError) throw error;
    throw new UnprovenError('wrong', 'It answered the question for a proof with something else.');
  }
}

/** Lets a gateway prove itself, and leaves it alone again. @throws as `dial` */
export async function proveOnce(place: Place, signal: AbortSignal): Promise<void> {
  (await dial(place, signal)).destroy();
}

function opened({ url, socket: path }: Place, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket =
      path === undefined ? connect({ host, port: Number(port || 80), noDelay: true }) : connect(path);
    const onAbort = (): void => {
      socket.destroy(new Error('It took no connection in time.'));
    };
    const onError = (error: Error): void => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    };
    socket.once('error', onError).once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function prove(socket: Socket, place: Place, signal: AbortSignal): Promise<void> {
  const { token, socket: path } = place;
  const { remoteAddress = '', remotePort = 0 } = socket;
  // What the connection itself says: a name such as `localhost` could lead to somebody else's socket of the same port.
  const address = path === undefined ? tcpAddress(remoteAddress, remotePort) : socketAddress(path);
  const clientNonce = newNonce();
  const answer = await post(
    socket,
    requestUrl(place),
    JSON.stringify({ address, nonce: clientNonce }),
    signal,
  );
  if (!isRight(answer, token, { address, clientNonce }))
    throw new UnprovenError(
      'wrong',
      'It did not prove that it is your gateway: it is another program, or a gateway of another version.',
    );
}

function isRight(answer: string, token: string, asked: Omit<Challenge, 'serverNonce'>): boolean {
  const { nonce: serverNonce, proof } = parseObject(answer) ?? {};
  return isNonce(serverNonce) && isProof(proof, token, { ...asked, serverNonce });
}

/** Posts on this very connection, which is free again when this resolves. @returns nothing for any status but 200 */
function post(socket: Socket, url: string, body: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const closed = (): void => {
      reject(
        new UnprovenError('wrong', 'It closed the connection instead of proving that it is your gateway.'),
      );
    };
    socket.once('close', closed);
    const outgoing = request(new URL(PROOF_PATH, url), {
      createConnection: () => socket,
      method: 'POST',
      headers: {
        // Without an agent Node would add the port, which a socket has not.
        host: new URL(url).host,
        connection: 'keep-alive',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      signal,
    });
    outgoing.on('error', reject).once('response', (response) => {
      if (response.statusCode !== 200) {
        resolve('');
        return;
      }
      let text = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BODY_BYTES)
          outgoing.destroy(new UnprovenError('wrong', 'It answered too much.'));
      });
      response.on('error', reject);
      // Only then has the request let go of the connection.
      socket.once('free', () => {
        socket.off('close', closed);
        resolve(text);
      });
    });
    outgoing.end(body);
  });
}
