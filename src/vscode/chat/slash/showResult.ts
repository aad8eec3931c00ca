import type { CallToolResult } from '../../../gateway/model/results.js';
import { visible } from '../../../base/text/visible.js';
import { cutWithNote, escapeMarkdown, fence } from '../render.js';
import { imageOf, noteOf, type ResultPiece, resultPieces } from '../turn/results.js';

/** The answer stays in the chat's history, so it holds less than what a model is given. */
const MAX_SHOWN_TEXT = 20_000;
const MAX_SHOWN_IMAGE_BYTES = 1024 * 1024;
const MAX_SHOWN_PIECES = 20;

/** A tool's result as Markdown for people; nothing in it is taken for formatting. */
export function resultAsMarkdown(result: CallToolResult): string {
  const pieces = resultPieces(result);
  const shown = pieces.slice(0, MAX_SHOWN_PIECES).map(pieceAsMarkdown);
  const rest = pieces.length - shown.length;
  return [
    ...(result.isError === true ? ['**The tool reported an error.**'] : []),
    ...(pieces.length === 0 ? ['The tool ended without a result.'] : shown),
    ...(rest > 0 ? [`${rest} more parts are not shown.`] : []),
  ].join('\n\n');
}

function pieceAsMarkdown(piece: ResultPiece): string {
  if (piece.type === 'text') return wordsAsMarkdown(piece.text);
  if (piece.type === 'json') return block(piece.text, 'json');
  const image = imageOf(piece, MAX_SHOWN_IMAGE_BYTES);
  if (!image) return block(noteOf(piece), 'text');
  // Encoded anew, so that what stands in the link is base64 and nothing else.
  return `![${image.mimeType}](data:${image.mimeType};base64,${Buffer.from(image.data).toString('base64')})`;
}

function wordsAsMarkdown(text: string): string {
  if (isJson(text)) return block(text, 'json');
  return isLaidOut(text) ? block(text, 'text') : paragraph(cutWithNote(text, MAX_SHOWN_TEXT));
}

/** Indented or aligned text needs the fixed width of a code block; prose needs its lines wrapped. */
const isLaidOut = (text: string): boolean => /^[ \t]|\S(?: {2}|\t) *\S/m.test(text);

/** Each line as it is, a blank line between paragraphs. */
const paragraph = (text: string): string =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((lines) => lines.trim().split(/\r?\n/).map(escapeMarkdown).join('\\\n'))
    .join('\n\n');

const block = (text: string, language: string): string =>
  fence(visible(cutWithNote(text, MAX_SHOWN_TEXT)), language);

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text) || text.length > MAX_SHOWN_TEXT) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
