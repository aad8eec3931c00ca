import { createHash } from 'node:crypto';
import type { ServerId } from '../model/definition.js';

/** VS Code takes 64 characters of `[a-z0-9_-]`, up to 18 of which are a prefix of its own. */
const MAX_LENGTH = 46;
const HASH_DIGITS = 6;
const SEPARATOR = '__';
/** What is left for server and tool when a hash is appended. */
const SHARED = MAX_LENGTH - SEPARATOR.length - HASH_DIGITS - 1;

/** No `__` in it and no `_` at its ends, so that the first `__` of a name is where the tool begins. */
const PLAIN_SERVER = /^[a-z0-9-]+(?:_[a-z0-9-]+)*$/;
const PLAIN_TOOL = /^[a-z0-9_-]+$/;
const LOOKS_HASHED = /_[0-9a-f]{6}$/;

/**
 * The name of a tool (or prompt) among all servers': `<server>__<tool>`, `[a-z0-9_-]{1,46}`. Where that is not what
 * the two are called, or could be read as another pair, `_` and six hex digits of a hash over both are appended. The
 * name depends on nothing but its own server and tool, so that it stays the same whatever else is configured.
 *
 * Two pairs that share a hashed name must have the same normal form and the same 24 bits of hash: a server can provoke
 * that within its own tools, so whoever lists must still keep only the first of two equal names.
 */
export function publicToolName(server: ServerId, tool: string): string {
  const plain = `${server}${SEPARATOR}${tool}`;
  const isPlain =
    plain.length <= MAX_LENGTH &&
    PLAIN_SERVER.test(server) &&
    PLAIN_TOOL.test(tool) &&
    !LOOKS_HASHED.test(plain);
  if (isPlain) return plain;

  const [serverPart, toolPart] = shareOut(normalised(server), normalised(tool));
  // JSON, because it keeps the border between the two and writes lone surrogates, which UTF-8 cannot, as escapes.
  const hash = createHash('sha256')
    .update(JSON.stringify([server, tool]))
    .digest('hex');
  return `${serverPart}${SEPARATOR}${toolPart}_${hash.slice(0, HASH_DIGITS)}`;
}

/** Whether a public name can be one of this server's: its first part is the server's, or what a long tool name left of it. */
export function mayBeOf(name: string, server: ServerId): boolean {
  const part = name.slice(0, Math.max(0, name.indexOf(SEPARATOR, 1)));
  const whole = normalised(server);
  if (name.startsWith(`${whole}${SEPARATOR}`)) return true;
  return part.length >= Math.floor(SHARED / 2) && whole.startsWith(part);
}

/** Cut first: a name may be a megabyte long, and no more than this can be used. */
const normalised = (text: string): string =>
  text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_');

/** Each gets half; what one does not need, the other may use. */
function shareOut(server: string, tool: string): readonly [string, string] {
  const half = Math.floor(SHARED / 2);
  const serverLength = Math.max(half, SHARED - tool.length);
  const serverPart = server.slice(0, serverLength);
  return [serverPart, tool.slice(0, SHARED - serverPart.length)];
}
