import type { ListedTool, Listing } from '../../../../src/gateway/model/listing.js';
import type { Tool } from '../../../../src/gateway/model/catalog.js';
import type { Answer } from '../../../../src/vscode/chat/answer.js';

/** A tool named `<server>__<tool>`. */
export function listedTool(server: string, name: string, more: Partial<Tool> = {}): ListedTool {
  return {
    name: `${server}__${name}`,
    server,
    serverTitle: server,
    fingerprint: `fingerprint of ${server}`,
    tool: { name, inputSchema: { type: 'object' }, ...more },
  };
}

export const listing = (...items: ListedTool[]): Listing<ListedTool> => ({ items, omitted: [], stale: [] });

/** Keeps what was said, one entry for each part. */
export function recordedAnswer(): Answer & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    words: (markdown) => void said.push(`words: ${markdown}`),
    notice: (markdown) => void said.push(`notice: ${markdown}`),
    progress: (markdown) => void said.push(`progress: ${markdown}`),
    button: (title, command, args) => void said.push(`button: ${title} ${command} ${String(args.at(-1))}`),
  };
}

/** Something that happens when the test says so. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

export const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
