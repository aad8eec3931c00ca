import { isObject, type Params } from '../../protocol/messages.js';
import type { ServerAsks } from '../../gateway/model/client.js';

/**
 * Whether a client can answer what a server asks, by the capabilities of its `initialize` (MCP 2025-11-25, "Lifecycle"). A
 * method that is not known here is passed on; the client may know it.
 */
export function canAnswer(
  capabilities: Params,
  { method, params }: Pick<ServerAsks, 'method' | 'params'>,
): boolean {
  const { roots, sampling, elicitation } = capabilities;
  switch (method) {
    case 'roots/list':
      return isObject(roots);
    case 'sampling/createMessage':
      return isObject(sampling) && (params.tools === undefined || isObject(sampling.tools));
    case 'elicitation/create': {
      if (!isObject(elicitation)) return false;
      if (params.mode === 'url') return isObject(elicitation.url);
      // Before 2025-11-25 there was no other than forms, and nothing to say about it.
      return isObject(elicitation.form) || !isObject(elicitation.url);
    }
    default:
      return true;
  }
}
