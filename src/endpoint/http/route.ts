import { PROOF_PATH } from '../../base/proof.js';
import type { Target } from '../endpoint.js';

const ALL = '/mcp';

/** Whether a request's URL is the one that needs no token. */
export const isProofPath = (url: string): boolean => url === PROOF_PATH;

/** What a request's URL stands for: `/mcp`, or `/mcp/<id>` with the id percent-encoded as one segment; else nothing. */
export function route(url: string): Target | undefined {
  const [path = ''] = url.split(/[?#]/, 1);
  if (path === ALL) return { kind: 'all' };
  if (!path.startsWith(`${ALL}/`)) return undefined;
  const segment = path.slice(ALL.length + 1);
  if (segment === '' || segment === '.' || segment === '..' || segment.includes('/')) return undefined;
  try {
    return { kind: 'server', server: decodeURIComponent(segment) };
  } catch {
    return undefined;
  }
}

/** Equal for equal targets only. */
export const targetKey = (target: Target): string =>
  target.kind === 'all' ? 'all' : `server ${target.server}`;
