import { randomBytes } from 'node:crypto';
import { link, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folderFault, ownershipFault } from '../base/files/ownership.js';
import { writeNew } from '../base/files/writeNew.js';
import { isToken, newToken } from '../base/token.js';
import { errorCode, readBounded, removeQuietly } from '../base/files/atomicFiles.js';
import { UsageError } from './failure.js';

const MAX_BYTES = 4096;
/** Where files cannot be linked, whoever comes second may see the file before the token is in it. */
const LOOKS = 20;
const LOOK_MS = 50;

/**
 * The token in a file; made, for this user only, when the file is not there. Of several processes at once all get the same.
 * @throws UsageError when it cannot be read or made, when it or its folder is not the user's alone, or when it holds no token
 */
export async function tokenIn(path: string): Promise<string> {
  for (let look = 1; ; look++) {
    const text = await read(path);
    if (text === undefined) await create(path);
    else if (isToken(text)) return text;
    else if (text !== '' || look >= LOOKS)
      throw new UsageError(
        `${path} holds no token: it must be one line of 32 to 512 letters, digits and . _ ~ + / - . Delete the file to get a new one.`,
      );
    if (look >= LOOKS) throw new UsageError(`${path} goes away again and again. Give another file.`);
    if (text === '') await delay(LOOK_MS);
  }
}

/** @returns its text without the line's end, `undefined` when there is no such file */
async function read(path: string): Promise<string | undefined> {
  try {
    // It may be a link to where secrets are kept; whoever can replace the link says which token is used.
    const file = await realpath(path);
    const fault = ownershipFault(await stat(file), 'private');
    if (fault !== undefined)
      throw new UsageError(
        `${path} is no place for a token: ${fault}. Make it yours alone with chmod 600, or delete it to get a new token.`,
      );
    await checkFolders(path, file);
    const content = await readBounded(file, MAX_BYTES);
    if (Buffer.isBuffer(content)) return content.toString('utf8').trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read (${errorCode(error)}). Give another token file.`);
  }
  throw new UsageError(`${path} is not a small file. Give another token file.`);
}

/** @throws UsageError when others could put a file of theirs in the place of one of these */
async function checkFolders(...paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const fault = await folderFault(await realpath(folder));
    if (fault !== undefined)
      throw new UsageError(
        `${folder} is no place for a token: ${fault}. Close it to others with chmod go-w, or give a token file elsewhere.`,
      );
  }
}

/** Puts a new token there unless another process was quicker. */
async function create(path: string): Promise<void> {
  await checkFolders(path).catch((error: unknown) => {
    // What else is wrong with the folder, writing says.
    if (error instanceof UsageError) throw error;
  });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const text = `${newToken()}\n`;
  try {
    await writeNew(temporary, text);
    // Some file systems have no links.
    await link(temporary, path).catch((error: unknown) =>
      errorCode(error) === 'EEXIST' ? undefined : writeNew(path, text),
    );
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new UsageError(`${path} cannot be written (${errorCode(error)}). Give another token file.`);
  } finally {
    await removeQuietly(temporary);
  }
}
