import { parseObject } from '../../../base/parseObject.js';
import { isMessage, isObject, type RequestId } from '../../../protocol/messages.js';

/**
 * What a status beyond 2xx is to its request. `answer`: its own JSON-RPC error, whatever the status is.
 * `session-unknown`: the server has forgotten the session, and did nothing. `failed`: anything else.
 */
export type Refusal = 'answer' | 'session-unknown' | 'failed';

/** MCP's own session, as the SDK's servers and examples name it; a tool may know sessions of another kind. */
const OWN_SESSION =
  /^(bad request: *)?(no valid session id( provided)?|(invalid|unknown|expired)( or \w+)? (mcp[- ])?session[- ]id|(server|session) not initialized)\W*$/i;
const ANY_SESSION =
  /(no valid|invalid|unknown|expired)\b.*\bsession|session\b.*\b(not found|invalid|unknown|expired|terminated|does not exist)|not initialized/i;

/**
 * Judges the answer to a request in a session. MCP 2025-11-25, "Session management": 404 says that the session is over;
 * some servers say it with 400, which may as well be about the request, so that only a plain text counts.
 */
export function judgeRefusal(status: number, body: string, id: RequestId): Refusal {
  const { text, own } = errorIn(body, id);
  if (status === 404 && (!own || OWN_SESSION.test(text) || ANY_SESSION.test(text))) return 'session-unknown';
  if (status === 400 && (own ? OWN_SESSION : ANY_SESSION).test(text)) return 'session-unknown';
  // What a user can do about these is said of the status.
  return own && status !== 401 && status !== 403 ? 'answer' : 'failed';
}

/** @returns the error's text, and whether it answers this very request */
function errorIn(body: string, id: RequestId): { text: string; own: boolean } {
  const value = parseObject(body);
  const error = isObject(value?.error) ? value.error : undefined;
  if (typeof error?.message !== 'string') return { text: body, own: false };
  const own = isMessage(value) && 'id' in value && value.id === id && Number.isInteger(error.code);
  return { text: error.message, own };
}
