import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { until } from './gateway.js';

/** Somebody else who listens where a gateway was, and keeps whatever is sent there. */
export interface Squatter {
  readonly port: number;
  /** All that came, on all connections. */
  readonly received: () => string;
  readonly connections: () => number;
}

export interface SquatterOptions {
  /** A port, or the path of a socket. */
  readonly at?: number | string;
  /** A port that everything is passed on to, with its name in place of the squatter's. */
  readonly relayTo?: number;
  /** What is said to whoever connects, as soon as something comes. */
  readonly says?: string;
}

export async function squat(
  cleanups: (() => Promise<unknown>)[],
  { at = 0, relayTo, says }: SquatterOptions = {},
): Promise<Squatter> {
  let received = '';
  let connections = 0;
  const sockets = new Set<Socket>();
  const kept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    connections++;
    kept(socket);
    const target = relayTo === undefined ? undefined : connect(relayTo, '127.0.0.1');
    if (target) {
      kept(target);
      target.on('data', (chunk) => socket.write(chunk)).on('close', () => socket.destroy());
    }
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      received += text;
      target?.write(text.replace(/^(host: [^:\r]+:)\d+/im, `$1${relayTo}`), 'latin1');
      if (says !== undefined) socket.write(says);
    });
  });
  const listen = async (): Promise<boolean> => {
    if (typeof at === 'string') server.listen(at);
    else server.listen(at, '127.0.0.1');
    // Who was killed may have been about to start a program, which has its sockets for a moment.
    return once(server, 'listening').then(
      () => true,
      () => false,
    );
  };
  await until(listen, 'it has the address');
  cleanups.push(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return {
    port: typeof at === 'string' ? 0 : (server.address() as AddressInfo).port,
    received: () => received,
    connections: () => connections,
  };
}
