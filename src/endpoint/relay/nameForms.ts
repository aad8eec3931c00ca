import { MIN_NAME_LENGTH } from '../../gateway/catalog/publicName.js';
import { CANONICAL_NAMES, type NameForm } from '../../gateway/model/nameForm.js';

/** Of the name that copied configurations give the gateway (`GATEWAY_NAME`). */
const entry = 16;

/**
 * How many characters of a tool's name each client passes to its model, by `clientInfo.name`, after what it puts in front,
 * with the gateway under the name that copied configurations give it; `docs/decisions/009-names-for-each-client.md` has the
 * sources. All take `[A-Za-z0-9_-]`. Whoever is not here gets the canonical names.
 */
const LENGTHS: ReadonlyMap<string, number> = new Map([
  // `mcp__<entry>__<tool>`, 64: a longer name fails every request of the session.
  ['claude-code', 64 - 'mcp__'.length - entry - '__'.length],
  // `mcp__<entry>__<tool>`; what is longer than 64 gets a hash of the client's own.
  ['codex-mcp-client', 64 - 'mcp__'.length - entry - '__'.length],
  // `mcp_<entry>_<tool>`; what is longer than 63 loses its middle.
  ['gemini-cli-mcp-client', 63 - 'mcp_'.length - entry - '_'.length],
  // Entry and tool together are fewer than 60, else the tool is left out.
  ['cursor-vscode', 59 - entry],
  // `<entry>-<tool>`, 64.
  ['github-copilot-developer', 64 - entry - '-'.length],
  // Nothing in front; one name of more than 64 hides every tool.
  ['claude-ai', 64],
]);

/** @param client `clientInfo.name` */
export function nameFormOf(client: string | undefined): NameForm {
  const known = client === undefined ? undefined : LENGTHS.get(client);
  if (known === undefined) return CANONICAL_NAMES;
  return { maxLength: Math.max(MIN_NAME_LENGTH, known), letterCase: 'kept' };
}
