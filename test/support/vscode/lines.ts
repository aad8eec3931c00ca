import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface ProcessLines {
  /** Waits for a line that matches and returns the pattern's first group. */
  match(pattern: RegExp, timeoutMs: number): Promise<string>;
}

/** Keeps a child's output in `file` and hands it on line by line. */
export function collectLines(child: ChildProcess, file: string, log?: (line: string) => void): ProcessLines {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const copy = createWriteStream(file, { flags: 'a' });
  child.once('close', () => copy.end());
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      copy.write(`${line}\n`);
      log?.(line);
      for (const listener of listeners) listener(line);
    });
  }

  return {
    match: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          child.off('exit', ended).off('error', failed);
          settle();
        };
        const look = (line: string): void => {
          const found = pattern.exec(line);
          if (found !== null)
            finish(() => {
              resolve(found[1] ?? found[0]);
            });
        };
        const fail = (why: string, cause?: Error): void => {
          finish(() => {
            reject(new Error(`${why}; its last lines:\n${lines.slice(-20).join('\n')}`, { cause }));
          });
        };
        const ended = (code: number | null): void => {
          fail(`VS Code's server ended (exit code ${code ?? 'none'})`);
        };
        const failed = (error: Error): void => {
          fail(`VS Code's server could not be started`, error);
        };
        const timer = setTimeout(() => {
          fail(`VS Code's server was not ready in ${timeoutMs} ms`);
        }, timeoutMs);
        child.once('exit', ended).once('error', failed);
        listeners.add(look);
        lines.forEach(look);
      }),
  };
}
