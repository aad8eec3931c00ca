import type { ServerId } from '../../gateway/model/definition.js';

/** A server's id on one line: what is not seen, or ends a line, is written as an escape, so that ids that differ look different. */
export const serverName = (id: ServerId): string =>
  id.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
