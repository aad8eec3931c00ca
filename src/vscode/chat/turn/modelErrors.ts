import { cut } from '../render.js';

const MAX_DETAIL = 500;

/** The codes of `vscode.LanguageModelError`: the names of the functions that make them. */
const codeOf = (error: unknown): string | undefined => {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** Errors that the same request would meet again, whatever it leaves out. */
export const isFinalModelError = (error: unknown): boolean =>
  ['NoPermissions', 'Blocked', 'NotFound'].includes(codeOf(error) ?? '');

/** Whether a provider says that its model takes no tools; the stable API does not tell beforehand. */
export const refusesTools = (error: unknown): boolean =>
  /\b(?:tool|function)s?\b.{0,40}(?:\bnot\b|n't\b|\bun)\s?support|support(?:s|ed)? (?:no|neither) tool|(?:not|n't|un)\s?support.{0,40}\b(?:tool|function)s?\b/i.test(
    detailOf(error),
  );

/** What happened and what to do, for `ChatResult.errorDetails`. */
export function modelErrorSentence(error: unknown): string {
  const code = codeOf(error);
  if (code === 'NoPermissions')
    return 'MCP Gateway may not use this model. Send the message again and allow it, or choose another model.';
  if (code === 'NotFound')
    return 'This model is not available any more. Choose another model and send the message again.';
  if (code === 'Blocked')
    return `The model cannot be used now: ${detailOf(error)} Try again later, or choose another model.`;
  return `The model failed: ${detailOf(error)} Try again, or choose another model.`;
}

/** The provider's own message; that of the cause where VS Code wrapped it. */
function detailOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const message = cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
  const sentence = cut(message.trim(), MAX_DETAIL);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
