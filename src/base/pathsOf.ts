import { posix, win32, type PlatformPath } from 'node:path';

/** The rules for paths on a system, which need not be the one that runs. */
export const pathsOf = (platform: NodeJS.Platform): PlatformPath => (platform === 'win32' ? win32 : posix);
