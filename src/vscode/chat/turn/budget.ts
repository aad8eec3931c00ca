import type { OfferedTool } from './messages.js';
import { MAX_RESULT_TEXT } from './results.js';

/** How much may go into the requests of one turn, in characters. */
export interface Budget {
  readonly history: number;
  readonly attachments: number;
  /** Of one tool result. */
  readonly result: number;
}

/** Careful: English has about four characters a token, JSON about three. */
const CHARACTERS_PER_TOKEN = 3;
/** Assumed where a provider tells nothing sensible. */
const USUAL_TOKENS = 64_000;
const MAX_HISTORY = 120_000;
const MAX_ATTACHMENTS = 200_000;
const MIN_USEFUL = 8_000;

/**
 * Shares out what the model can read, less what its tools' descriptions take. A share, not a guarantee: what a turn
 * really needs is known only to the model, which fails with its own sentence when it is too much.
 */
export function budgetFor(maxInputTokens: number, tools: readonly OfferedTool[]): Budget {
  const tokens = Number.isFinite(maxInputTokens) && maxInputTokens > 0 ? maxInputTokens : USUAL_TOKENS;
  const spent = tools.reduce(
    (sum, tool) => sum + tool.description.length + JSON.stringify(tool.inputSchema).length,
    0,
  );
  const free = Math.max(0, tokens * CHARACTERS_PER_TOKEN - spent);
  const share = (part: number, most: number): number => Math.min(most, Math.max(MIN_USEFUL, free * part));
  return {
    history: share(0.3, MAX_HISTORY),
    attachments: share(0.3, MAX_ATTACHMENTS),
    result: Math.round(share(0.4, MAX_RESULT_TEXT)),
  };
}
