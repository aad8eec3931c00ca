import { visible } from '../../base/text/visible.js';
import { isObject, type Params } from '../../protocol/messages.js';
import type { ServerId } from '../../gateway/model/definition.js';

/** Names the server that asks, for clients that show it to their users. */
const SERVER_META = 'mcp-tool-gateway/server';

/**
 * A question of one of several servers, with the server's name: in `_meta`, and where the user is shown a message, before
 * it, so that no server can ask in another's name.
 */
export function namedQuestion(server: ServerId, method: string, params: Params): Params {
  const meta = isObject(params._meta) ? params._meta : {};
  const named = { ...params, _meta: { ...meta, [SERVER_META]: server } };
  if (method !== 'elicitation/create') return named;
  const message = typeof params.message === 'string' ? params.message : '';
  return { ...named, message: `${visible(server, 'name')}: ${message}` };
}
