import { spawn, type ChildProcess } from 'node:child_process';
import { win32 } from 'node:path';

/**
 * Starts Windows' own program that ends a process and all below it; it outlives this process. By its full path: a bare name
 * is looked for in the current folder first, and there may be anything, such as a repository from elsewhere.
 */
export function taskkill(pid: number): ChildProcess {
  const program = win32.join(process.env['SystemRoot'] || 'C:\\Windows', 'System32', 'taskkill.exe');
  return spawn(program, ['/pid', String(pid), '/T', '/F'], {
    stdio: 'ignore',
    windowsHide: true,
    detached: true,
  });
}
