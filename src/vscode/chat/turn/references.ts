import * as vscode from 'vscode';
import { type ContentPart, text } from './messages.js';
import { attachedText, imageTypeOf, textOfBytes } from './attached.js';
import { cutWithNote } from '../render.js';
import { MAX_IMAGE_BYTES } from './results.js';

const MAX_REFERENCES = 50;
/** Larger files are not read at all. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/**
 * What the user attached to a message, read for the model; what cannot be read is named with the reason.
 * @param maxText characters of all together
 */
export async function referenceParts(
  references: readonly vscode.ChatPromptReference[],
  maxText: number,
  signal: AbortSignal,
): Promise<readonly ContentPart[]> {
  const parts: ContentPart[] = [];
  let left = maxText;
  for (const reference of references.slice(0, MAX_REFERENCES)) {
    if (signal.aborted || left <= 0) break;
    const part = await referencePart(reference).catch((error: unknown) =>
      text(`The attached ${reference.id} could not be read: ${String(error)}`),
    );
    parts.push(part.type === 'text' ? text(cutWithNote(part.text, left)) : part);
    if (part.type === 'text') left -= part.text.length;
  }
  const rest = references.length - parts.length;
  if (rest > 0) parts.push(text(`${rest} more attachments are left out here.`));
  return parts;
}

async function referencePart({ value, modelDescription }: vscode.ChatPromptReference): Promise<ContentPart> {
  if (typeof value === 'string') return text(attachedText(modelDescription ?? 'Attached text', value));
  if (value instanceof vscode.Uri) return filePart(value, undefined);
  if (value instanceof vscode.Location) return filePart(value.uri, value.range);
  return isBinary(value) ? binaryPart(value) : text('Something is attached that cannot be read here.');
}

async function filePart(uri: vscode.Uri, range: vscode.Range | undefined): Promise<ContentPart> {
  const name = vscode.workspace.asRelativePath(uri);
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return text(attachedText(fileLabel(name, range), open.getText(range)));
  const { type, size } = await vscode.workspace.fs.stat(uri);
  if (type & vscode.FileType.Directory) return text(`The folder ${name} is attached; its files are not.`);
  const imageType = imageTypeOf(uri.path);
  if (size > (imageType === undefined ? MAX_FILE_BYTES : MAX_IMAGE_BYTES))
    return text(`The file ${name} is attached but too large to be read here (${size} bytes).`);
  const bytes = await vscode.workspace.fs.readFile(uri);
  if (imageType !== undefined) return { type: 'image', mimeType: imageType, data: bytes };
  const content = textOfBytes(bytes);
  if (content === undefined)
    return text(`The file ${name} is attached but is not a text, so it is left out.`);
  const lines = range
    ? content
        .split(/\r?\n/)
        .slice(range.start.line, range.end.line + 1)
        .join('\n')
    : content;
  return text(attachedText(fileLabel(name, range), lines));
}

const fileLabel = (name: string, range: vscode.Range | undefined): string =>
  range ? `File ${name}, lines ${range.start.line + 1} to ${range.end.line + 1}` : `File ${name}`;

/** A pasted image: VS Code gives it a class that the stable typings do not name (`value: … | unknown`). */
interface Binary {
  readonly mimeType: string;
  readonly data: () => Thenable<Uint8Array>;
}

function isBinary(value: unknown): value is Binary {
  if (typeof value !== 'object' || value === null) return false;
  const { mimeType, data } = value as Partial<Binary>;
  return typeof mimeType === 'string' && typeof data === 'function';
}

async function binaryPart(value: Binary): Promise<ContentPart> {
  const data = await value.data();
  if (value.mimeType.startsWith('image/') && data.byteLength <= MAX_IMAGE_BYTES)
    return { type: 'image', mimeType: value.mimeType, data };
  return text(`Data of type ${value.mimeType} is attached but left out (${data.byteLength} bytes).`);
}
