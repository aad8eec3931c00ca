import { resolve } from 'node:path';

/**
 * Whether a folder is one of those in a list; not one below it, so that what is cloned there later is another matter.
 * @param list as it is in the settings, of whatever type; `~` at the start of an item is the home directory
 */
export const isAmong = (folder: string, list: unknown, home: string): boolean =>
  Array.isArray(list) &&
  list.some(
    (item) =>
      typeof item === 'string' &&
      item.trim() !== '' &&
      samePath(
        resolve(
          home,
          item.trim().replace(/^~(?=$|[/\\])/, () => home),
        ),
        folder,
      ),
  );

const samePath = (a: string, b: string): boolean =>
  process.platform === 'win32' ? resolve(a).toLowerCase() === resolve(b).toLowerCase() : a === resolve(b);
