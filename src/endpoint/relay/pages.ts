import { INVALID_PARAMS, type Params } from '../../protocol/messages.js';
import { RpcError } from '../../protocol/errors.js';

/** Items of one answer to a list. Few servers have more, and not every client asks for a second page. */
const PAGE = 1000;

/** One page of a list, and the cursor of the next (MCP 2025-11-25, "Pagination"). @throws RpcError for a cursor of somebody else */
export function pageOf<T>(items: readonly T[], cursor: unknown): { items: readonly T[]; next: Params } {
  const start = cursor === undefined || cursor === null ? 0 : startOf(cursor);
  const end = start + PAGE;
  return { items: items.slice(start, end), next: end < items.length ? { nextCursor: `at-${end}` } : {} };
}

function startOf(cursor: unknown): number {
  const start = typeof cursor === 'string' ? /^at-(\d{1,7})$/.exec(cursor)?.[1] : undefined;
  if (start === undefined) throw new RpcError(INVALID_PARAMS, 'Unknown cursor; list from the beginning.');
  return Number(start);
}
