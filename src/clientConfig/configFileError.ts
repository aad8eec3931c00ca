/** A file that nothing can be merged into; the message ends a sentence that begins with the file's name ("is …"). */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** Of an offset, counted from 1, for people. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
