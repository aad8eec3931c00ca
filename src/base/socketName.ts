import { posix } from 'node:path';

/** Bytes of a socket's path, without the NUL at its end (`sockaddr_un`: unix(7); 104 in all on BSD systems such as macOS). */
const MAX_BYTES: Partial<Readonly<Record<NodeJS.Platform, number>>> = { linux: 107, android: 107 };
const MAX_BYTES_ELSEWHERE = 103;
/** Characters of a pipe's name on Windows (CreateNamedPipe). */
const MAX_PIPE_CHARS = 256;
const PIPES = '\\\\.\\pipe\\';

/** Whether a system takes this as the path of a socket, or the name of a pipe. */
export function isSocketPath(path: string, platform: NodeJS.Platform): boolean {
  if (path.includes('\0')) return false;
  if (platform === 'win32')
    return path.startsWith(PIPES) && path.length > PIPES.length && path.length <= MAX_PIPE_CHARS;
  return posix.isAbsolute(path) && Buffer.byteLength(path) <= (MAX_BYTES[platform] ?? MAX_BYTES_ELSEWHERE);
}

/** The folder whose owner and mode say who can listen at a socket; none for a pipe, whose names are everybody's. */
export const folderOf = (path: string): string | undefined =>
  path.startsWith(PIPES) ? undefined : posix.dirname(path);

/** @param folder ignored on Windows, where pipes have none */
export const socketPath = (folder: string, name: string, platform: NodeJS.Platform): string =>
  platform === 'win32' ? `${PIPES}${name}` : posix.join(folder, name);
