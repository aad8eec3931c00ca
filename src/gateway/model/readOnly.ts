import type { Tool } from './catalog.js';

/**
 * Whether a tool says that it only reads. That is its server's word, and counts only for servers that the user trusts so
 * (`Gateway.isTrustedReadOnly`). What says that it only reads and that it destroys is not believed either way.
 */
export const onlyReads = ({ annotations }: Pick<Tool, 'annotations'>): boolean =>
  annotations?.readOnlyHint === true && annotations.destructiveHint !== true;
