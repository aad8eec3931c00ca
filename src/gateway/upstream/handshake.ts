import { parseObject } from '../../base/parseObject.js';
import { withoutTagsIn } from '../../base/text/visible.js';
import { RpcError } from '../../protocol/errors.js';
import { isLarge, readResult, type LargeResult } from '../../protocol/large/largeResult.js';
import { isObject, METHOD_NOT_FOUND, INVALID_PARAMS, type Params } from '../../protocol/messages.js';
import { LATEST_REVISION, REVISIONS } from '../../protocol/revisions.js';
import type { ServerFacts } from '../model/catalog.js';

/** A server may answer with one of these; the last is from before the first release. */
const KNOWN_REVISIONS = [...REVISIONS, '2024-10-07'];

/** MCP 2026-07-28, "Errors": the server does not speak the revision that it was asked for. */
const UNSUPPORTED_REVISION = -32022;

/** Mebibytes of the answer to `initialize`, which is read in one go. */
const MAX_ANSWER_MIB = 1;
/** Characters, as JSON, of what a server says of itself beyond what is known here, and of its `serverInfo`. */
const MAX_EXTRA_CHARS = 64 * 1024;
const MAX_NAMED_REVISIONS = 5;

/** The server spoke, but not MCP as this client knows it. */
export class HandshakeError extends Error {
  override readonly name: string = 'HandshakeError';
}

/** The server speaks no revision that this client speaks: starting it again changes nothing. */
export class RevisionError extends HandshakeError {
  override readonly name = 'RevisionError';

  /** @param wanted the revisions that the server says it speaks, as it sent them */
  constructor(wanted: readonly unknown[], cause?: unknown) {
    const named = wanted
      .filter((one): one is string => typeof one === 'string' && /^[\w.-]{1,20}$/.test(one))
      .slice(0, MAX_NAMED_REVISIONS);
    super(
      `It speaks ${named.length > 0 ? `MCP ${named.join(', ')}` : 'another revision of MCP'}, but this gateway ${REVISIONS.at(-1) ?? ''} to ${LATEST_REVISION}: use a version of the server that speaks one of these, then restart it.`,
      { cause },
    );
  }
}

/** What the answer to `initialize` says. @throws HandshakeError, RevisionError */
export function factsOf(answer: Params | LargeResult): ServerFacts {
  if (isLarge(answer) && answer.size > MAX_ANSWER_MIB * 1024 * 1024)
    throw new HandshakeError(`Its answer to "initialize" is larger than ${MAX_ANSWER_MIB} MiB.`);
  const { protocolVersion, capabilities, serverInfo, instructions, ...others } = withoutTagsIn(
    readResult(answer),
  );
  if (typeof protocolVersion !== 'string')
    throw new HandshakeError('Its answer to "initialize" names no revision of MCP.');
  if (!KNOWN_REVISIONS.includes(protocolVersion)) throw new RevisionError([protocolVersion]);
  const extras = extrasOf(others);
  return {
    protocolVersion,
    capabilities: isObject(capabilities) ? capabilities : {},
    serverInfo: isObject(serverInfo) ? infoOf(serverInfo) : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
    ...(extras === undefined ? {} : { extras }),
  };
}

/**
 * Whether an error that answers `initialize` says that the server does not speak our revision: by MCP 2026-07-28's own
 * code, by the older revisions' "Invalid params", or by not knowing the method, which later revisions do not have.
 */
export function revisionRefused(error: unknown): RevisionError | undefined {
  const { code, message, data } = error instanceof RpcError ? error : (errorInBody(error) ?? {});
  const supported = isObject(data) && Array.isArray(data.supported) ? data.supported : undefined;
  const refused =
    code === UNSUPPORTED_REVISION ||
    code === METHOD_NOT_FOUND ||
    (code === INVALID_PARAMS &&
      (supported !== undefined || /\bprotocol ?version\b/i.test(String(message))) &&
      /\b(un|not )supported\b/i.test(String(message)));
  return refused ? new RevisionError(supported ?? [], error) : undefined;
}

/** The JSON-RPC error in the body of an answer with status 400, which the SDK puts into its own error's text. */
function errorInBody(error: unknown): Params | undefined {
  if ((error as { code?: unknown } | undefined)?.code !== 400 || !(error instanceof Error)) return undefined;
  const start = error.message.indexOf('{');
  if (start === -1) return undefined;
  const body = parseObject(error.message.slice(start));
  return isObject(body?.error) ? body.error : undefined;
}

/** What another program keyed by field names must never find among them. */
const UNSAFE = new Set(['__proto__', 'constructor', 'prototype']);

/** `_meta` is between two peers where its key is the protocol's own, which later revisions use for each hop. */
function extrasOf(others: Params): Params | undefined {
  const kept = Object.entries(others).flatMap(([key, value]): [string, unknown][] => {
    if (UNSAFE.has(key) || value === undefined) return [];
    if (key !== '_meta') return [[key, value]];
    if (!isObject(value)) return [];
    const own = Object.entries(value).filter(([name]) => !/^(io\.)?modelcontextprotocol(\.io)?\//.test(name));
    return own.length > 0 ? [[key, Object.fromEntries(own.filter(([name]) => !UNSAFE.has(name)))]] : [];
  });
  const extras = Object.fromEntries(kept);
  return kept.length > 0 && isSmall(extras) ? extras : undefined;
}

function infoOf(serverInfo: Params): Params {
  if (isSmall(serverInfo))
    return Object.fromEntries(Object.entries(serverInfo).filter(([key]) => !UNSAFE.has(key)));
  const { name, title, version } = serverInfo;
  const texts = Object.entries({ name, title, version }).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts.map(([key, value]) => [key, value.slice(0, 1000)]));
}

function isSmall(value: Params): boolean {
  try {
    return JSON.stringify(value).length <= MAX_EXTRA_CHARS;
  } catch {
    // Nested too deep even to be written.
    return false;
  }
}
