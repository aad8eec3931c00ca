import { cutWithNote, fence } from '../render.js';

/** Characters of one attached file. */
const MAX_ATTACHED = 50_000;

/** An attachment as the model reads it. */
export const attachedText = (label: string, content: string): string =>
  `${label}:\n${fence(cutWithNote(content, MAX_ATTACHED))}`;

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
};

/** By the ending of the file's name. */
export const imageTypeOf = (path: string): string | undefined =>
  IMAGE_TYPES[/\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];

/** @returns `undefined` when the bytes are not a UTF-8 text */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether VS Code attached it by itself, such as the file in the editor: then it does not say what the user wants. */
export const isImplicit = ({ id }: { readonly id: string }): boolean =>
  /^vscode\.(?:implicit|instructions|customizations)(?:\.|$)/.test(id);
