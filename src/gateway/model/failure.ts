/** Why a server is not live, or a list of it missing, for people (`message`) and for programs (`code`). */
export interface Failure {
  readonly code: string;
  /** One or two sentences about the server, without its name; then, line by line, what it last said, if anything. */
  readonly message: string;
  /** What only the log has room for. */
  readonly detail?: string;
}

/**
 * A failure in one line: its sentence, and the last line of what the server wrote, which is most often the reason.
 * @param message as in `Failure`; the lines between are left out
 */
export function reasonInOneLine(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return [...new Set([lines[0], lines.at(-1)])].join(' ');
}
