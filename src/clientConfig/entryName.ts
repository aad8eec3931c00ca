import { createHash } from 'node:crypto';
import type { ServerId } from '../gateway/model/definition.js';

/** The name of the entry that stands for all servers. */
export const GATEWAY_NAME = 'mcp-tool-gateway';

/** Clients put it in front of the names of tools, which a model takes up to 64 characters of. */
const MAX_NAME = 32;

/**
 * The name of a server in a client's configuration. Claude Code and Codex take letters, digits, `-` and `_` only; where
 * anything had to be changed a hash is added, so that no two servers share a name.
 * @param underscores whether the client can live with `_`
 */
export function entryName(server: ServerId | undefined, underscores: boolean): string {
  if (server === undefined) return GATEWAY_NAME;
  const plain = underscores ? /^[A-Za-z0-9][A-Za-z0-9_-]*$/ : /^[A-Za-z0-9][A-Za-z0-9-]*$/;
  if (plain.test(server) && server.length <= MAX_NAME && server !== GATEWAY_NAME) return server;
  const hash = createHash('sha256').update(server).digest('hex').slice(0, 6);
  const readable = server
    .replace(underscores ? /[^A-Za-z0-9_-]+/g : /[^A-Za-z0-9-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, MAX_NAME - hash.length - 1)
    .replace(/-+$/, '');
  return `${readable === '' ? 'server' : readable}-${hash}`;
}
