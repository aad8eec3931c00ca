import { connect } from 'node:net';

/** Milliseconds until a gateway on this machine must have taken a connection. */
const REACH_MS = 2000;

/** Whether somebody takes connections there. */
export function isReachable(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      timeout: REACH_MS,
    });
    const end = (reachable: boolean): void => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => {
      end(true);
    });
    for (const event of ['timeout', 'error', 'close'])
      socket.once(event, () => {
        end(false);
      });
  });
}
