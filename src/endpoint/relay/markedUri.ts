import type { ServerId } from '../../gateway/model/definition.js';

/** What says in a fragment whose a URI is. */
const MARK = 'mcp-server=';

/**
 * A URI, or URI template, of a server by which it can be told from another server's: `file:///a#mcp-server=files`. In the
 * fragment, which is no part of what a URI says of where something is, so that scheme, path and query stay as they are.
 */
export const markedUri = (uri: string, server: ServerId): string =>
  `${uri}${uri.includes('#') ? '&' : '#'}${MARK}${encodeURIComponent(server)}`;

/** The other way round; `undefined` for a URI without a mark. Of several marks the last one counts. */
export function readMarkedUri(
  marked: string,
): { readonly uri: string; readonly server: ServerId } | undefined {
  const at = Math.max(marked.lastIndexOf('#'), marked.lastIndexOf('&'));
  if (at === -1 || !marked.startsWith(MARK, at + 1)) return undefined;
  try {
    return { uri: marked.slice(0, at), server: decodeURIComponent(marked.slice(at + 1 + MARK.length)) };
  } catch {
    return undefined;
  }
}
