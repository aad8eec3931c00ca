import { open, stat } from 'node:fs/promises';

/** Bytes: for files that people write by hand. */
export const mostBytesOfTextFile = 1024 * 1024;

export const tooLarge = 'is larger than 1 MiB';

/**
 * The text of a small file in UTF-8 or UTF-16, without a byte order mark.
 * @throws Error whose message ends a sentence that begins with the file's name ("does not exist")
 */
export async function readTextFile(path: string): Promise<string> {
  try {
    // Before it is opened, because opening a pipe waits for its writer.
    if (!(await stat(path)).isFile()) throw new Error('is not a file');
    const file = await open(path, 'r');
    const chunks: Buffer[] = [];
    // One byte more than allowed, so that a file that grows meanwhile is noticed too. The stream closes the file.
    for await (const chunk of file.createReadStream({ end: mostBytesOfTextFile }))
      chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (bytes.length > mostBytesOfTextFile) throw new Error(tooLarge);
    return decoded(bytes).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new Error(describeReadError(error), { cause: error });
  }
}

/** UTF-8, or what Windows PowerShell writes by default: UTF-16 with its byte order mark. */
const decoded = (bytes: Buffer): string =>
  bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');

/** Why a file could not be read, as the end of a sentence that begins with its name. */
export function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    case 'EISDIR':
      return 'is a folder';
    default:
      if (typeof code === 'string') return `cannot be read (${code})`;
      return error instanceof Error && error.message ? error.message : 'cannot be read';
  }
}
