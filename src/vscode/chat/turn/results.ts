import { isDeepStrictEqual } from 'node:util';
import { withoutTags } from '../../../base/text/visible.js';
import type { CallToolResult, ContentBlock } from '../../../gateway/model/results.js';
import { type ContentPart, dataNote, text } from './messages.js';
import { cutWithNote } from '../render.js';

/** The most text of one result that a model is given, in characters. */
export const MAX_RESULT_TEXT = 200_000;
/** The largest image that a model is given, in bytes. */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const MAX_IMAGES = 10;
/** Longer texts are not compared with the structured content. */
const MAX_COMPARED = 2_000_000;

/** What Copilot Chat passes on as an image (`isImageDataPart` there); other types it drops without a word. */
const MODEL_IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp']);

/** One piece of a tool result after reading it: words, or data that is still encoded. */
export type ResultPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'json'; readonly text: string }
  | { readonly type: 'data'; readonly mimeType: string; readonly base64: string; readonly name?: string };

/**
 * A tool's result as the model gets it: images as data, everything else as text.
 *
 * Structured content is sent as JSON text and not as `LanguageModelDataPart.json`: Copilot Chat drops data parts of
 * tool results that are not images (microsoft/vscode#275300), other providers send them on as garbage, and the API
 * does not tell which models take them. VS Code's own MCP tools send text too. Audio is named for the same reason.
 *
 * @param maxText characters; the result says what was left out
 */
export function resultForModel(result: CallToolResult, maxText = MAX_RESULT_TEXT): readonly ContentPart[] {
  const parts: ContentPart[] = [];
  let left = maxText;
  let images = 0;
  let leftOut = 0;

  if (result.isError === true) parts.push(text('The tool reported an error:'));
  for (const piece of resultPieces(result)) {
    const image = piece.type === 'data' && images < MAX_IMAGES ? imageOf(piece) : undefined;
    if (image) {
      images++;
      parts.push(image);
      continue;
    }
    const words = withoutTags(piece.type === 'data' ? noteOf(piece) : piece.text);
    if (left > 0) parts.push(text(cutWithNote(words, left)));
    else leftOut++;
    left -= words.length;
  }
  if (leftOut > 0) parts.push(text(`[${leftOut} more parts of the result are left out here.]`));
  if (parts.length === 0) parts.push(text('The tool ended without a result.'));
  return parts;
}

/** Reads a result's blocks; structured content comes last, and not at all where a text only repeats it. */
export function resultPieces(result: CallToolResult): readonly ResultPiece[] {
  const pieces = result.content.flatMap(piecesOf);
  const { structuredContent } = result;
  if (structuredContent === undefined) return pieces;
  const repeated = pieces.some((piece) => piece.type === 'text' && says(piece.text, structuredContent));
  return repeated
    ? pieces
    : [...pieces, { type: 'json', text: JSON.stringify(structuredContent, undefined, 2) }];
}

function piecesOf(block: ContentBlock): readonly ResultPiece[] {
  const { type, mimeType, data, resource, uri } = block;
  if (type === 'text' && typeof block.text === 'string') return [{ type: 'text', text: block.text }];
  if ((type === 'image' || type === 'audio') && typeof data === 'string')
    return [{ type: 'data', mimeType: stringOr(mimeType, `${type}/*`), base64: data }];
  if (type === 'resource' && typeof resource === 'object' && resource !== null)
    return [resourcePiece(resource as Readonly<Record<string, unknown>>)];
  if (type === 'resource_link' && typeof uri === 'string') {
    const label = [block.title ?? block.name, block.description].filter((word) => typeof word === 'string');
    return [{ type: 'text', text: `Resource ${uri}${label.length > 0 ? ` (${label.join(': ')})` : ''}` }];
  }
  // A type that is not known here, or a block that is not what its type promises.
  return [{ type: 'json', text: JSON.stringify(block, undefined, 2) }];
}

function resourcePiece(resource: Readonly<Record<string, unknown>>): ResultPiece {
  const uri = stringOr(resource.uri, 'without a URI');
  if (typeof resource.text === 'string') return { type: 'text', text: `Resource ${uri}:\n${resource.text}` };
  if (typeof resource.blob === 'string') {
    const mimeType = stringOr(resource.mimeType, 'application/octet-stream');
    return { type: 'data', mimeType, base64: resource.blob, name: uri };
  }
  return { type: 'text', text: `Resource ${uri}` };
}

/** The image that a piece holds, if a model can be expected to take it. */
export function imageOf(
  piece: ResultPiece & { type: 'data' },
  maxBytes = MAX_IMAGE_BYTES,
): Extract<ContentPart, { type: 'image' }> | undefined {
  const mimeType = piece.mimeType.toLowerCase();
  if (!MODEL_IMAGES.has(mimeType) || bytesOf(piece.base64) > maxBytes) return undefined;
  const data = Uint8Array.from(Buffer.from(piece.base64, 'base64'));
  return data.byteLength > 0 ? { type: 'image', mimeType, data } : undefined;
}

/** Names data that is not shown, with the resource that it is where there is one. */
export const noteOf = ({ mimeType, base64, name }: ResultPiece & { type: 'data' }): string =>
  `${name === undefined ? '' : `Resource ${name}: `}${dataNote(mimeType, bytesOf(base64))}`;

const bytesOf = (base64: string): number => Math.floor((base64.length * 3) / 4);

const stringOr = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);

/** Whether a text only repeats structured content, or the one value in it: several frameworks wrap results so. */
function says(words: string, structured: Readonly<Record<string, unknown>>): boolean {
  if (words.length > MAX_COMPARED) return false;
  const [only, ...others] = Object.values(structured);
  const values = others.length === 0 ? [structured, only] : [structured];
  return values.includes(words) || values.some((value) => isDeepStrictEqual(parsed(words), value));
}

/** @returns `undefined`, which no JSON stands for, when the text is not JSON */
function parsed(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return undefined;
  }
}
