import { createHash } from 'node:crypto';
import type { ServerId } from '../model/definition.js';
import { CANONICAL_NAMES, type NameForm } from '../model/nameForm.js';

/** What the shortest form must have room for. */
export const MIN_NAME_LENGTH = 41;
const MAX_NAME_LENGTH = 64;

const SEPARATOR = '__';
const HASH_DIGITS = 6;
/** Of a server that could otherwise be made to share a name with another one: nobody finds two texts with 64 equal bits. */
const LONG_HASH_DIGITS = 16;

/** No `__` in it and no `_` at its ends, so that the first `__` of a name is where the tool begins. */
const PLAIN_SERVER = /^[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*$/;
const PLAIN_TOOL = /^[A-Za-z0-9_-]+$/;
const LOOKS_HASHED = /_(?:[0-9a-f]{6}|[0-9a-f]{16})$/;

/** Characters for server and tool when a hash of so many digits is appended. */
const shared = (maxLength: number, digits: number): number => maxLength - SEPARATOR.length - digits - 1;

/** Characters of a server's name that every hashed name has, if the server's name is that long: half of what is shared at least. */
const HEAD = 16;
/** The same where the hash is long. */
const SHORTEST_HEAD = 11;

/**
 * The name of a tool (or prompt) among all servers': `<server>__<tool>`, by default `[a-z0-9_-]{1,46}`. Where that is not
 * what the two are called, or could be read as another pair, `_` and hex digits of a hash over both are appended. The name
 * depends on nothing but its own server and tool, so that it stays the same whatever else there is.
 *
 * Two pairs that share a hashed name must have the same normal form and the same 24 bits of hash. A server can provoke that
 * within its own tools, so whoever lists must still keep only the first of two equal names; between servers,
 * `withLongHashes` says who takes more digits.
 */
export function publicToolName(
  server: ServerId,
  tool: string,
  { maxLength, letterCase }: NameForm = CANONICAL_NAMES,
  longHash = false,
): string {
  const plain = `${server}${SEPARATOR}${tool}`;
  const isPlain =
    plain.length <= maxLength &&
    PLAIN_SERVER.test(server) &&
    PLAIN_TOOL.test(tool) &&
    (letterCase === 'kept' || plain === plain.toLowerCase()) &&
    !LOOKS_HASHED.test(plain);
  if (isPlain) return plain;

  const digits = longHash ? LONG_HASH_DIGITS : HASH_DIGITS;
  const room = shared(maxLength, digits);
  const [serverPart, toolPart] = shareOut(normalised(server, letterCase), normalised(tool, letterCase), room);
  // JSON, because it keeps the border between the two and writes lone surrogates, which UTF-8 cannot, as escapes.
  const hash = createHash('sha256')
    .update(JSON.stringify([server, tool]))
    .digest('hex');
  return `${serverPart}${SEPARATOR}${toolPart}_${hash.slice(0, digits)}`;
}

/**
 * The servers whose hashed names have more digits: each whose names could begin as those of an earlier one do. A hash of six
 * digits never reads as one of sixteen, so no name of theirs is ever one of the earlier server's, whichever is there first.
 * @param servers all that are configured, in their order; nothing else decides
 */
export function withLongHashes(servers: readonly ServerId[]): ReadonlySet<ServerId> {
  const heads = new Set<string>();
  const beginnings = new Set<string>();
  const long = new Set<ServerId>();
  for (const server of servers) {
    const own = headsOf(server);
    if (own.some((head) => beginnings.has(head) || beginningsOf(head).some((text) => heads.has(text))))
      long.add(server);
    else
      for (const head of own) {
        heads.add(head);
        for (const text of beginningsOf(head)) beginnings.add(text);
      }
  }
  return long;
}

/** How all hashed names of a server begin, whatever the form; letter case, where it is kept, is left out of account. */
const headsOf = (server: ServerId): readonly string[] =>
  [normalised(server, 'lower'), normalised(server, 'kept').toLowerCase()].map((whole) =>
    whole.length <= HEAD ? `${whole}${SEPARATOR}` : whole.slice(0, HEAD),
  );

const beginningsOf = (text: string): readonly string[] =>
  Array.from({ length: text.length }, (_, index) => text.slice(0, index + 1));

/** Whether a public name of any form can be one of this server's: it begins with the server's, or what a long tool name left of it. */
export function mayBeOf(name: string, server: ServerId): boolean {
  const [lower, whole] = [normalised(name, 'lower'), normalised(server, 'lower')];
  if (lower.startsWith(`${whole}${SEPARATOR}`)) return true;
  let common = 0;
  while (common < whole.length && lower[common] === whole[common]) common++;
  // A `_` where the server's name was cut may be its own or the separator's.
  return [common, common - 1, common - 2].some(
    (length) => length >= SHORTEST_HEAD && lower.startsWith(SEPARATOR, length),
  );
}

/** Cut first: a name may be a megabyte long, and no more than this can be used. */
const normalised = (text: string, letterCase: NameForm['letterCase']): string => {
  const used = text.slice(0, MAX_NAME_LENGTH);
  return (letterCase === 'kept' ? used : used.toLowerCase()).replace(/[^A-Za-z0-9_-]/g, '_');
};

/** Each gets half; what one does not need, the other may use. */
function shareOut(server: string, tool: string, room: number): readonly [string, string] {
  const half = Math.floor(room / 2);
  const serverLength = Math.max(half, room - tool.length);
  const serverPart = server.slice(0, serverLength);
  return [serverPart, tool.slice(0, room - serverPart.length)];
}
