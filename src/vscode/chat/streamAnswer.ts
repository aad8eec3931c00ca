import * as vscode from 'vscode';
import { type Answer, LINKED_COMMANDS } from './answer.js';

/** An answer in the chat view, until it is closed. */
export interface StreamAnswer extends Answer {
  readonly close: () => void;
}

/** VS Code closes the stream when the user stops the turn and throws at whoever still writes to it. */
export function answerOn(stream: vscode.ChatResponseStream, signal: AbortSignal): StreamAnswer {
  let closed = false;
  const write = (action: () => void): void => {
    if (!closed && !signal.aborted) action();
  };
  return {
    words: (markdown) => {
      write(() => {
        stream.markdown(markdown);
      });
    },
    notice: (markdown) => {
      write(() => {
        stream.markdown(noticeMarkdown(markdown));
      });
    },
    progress: (markdown) => {
      write(() => {
        stream.progress(markdown);
      });
    },
    button: (title, command, args) => {
      write(() => {
        stream.button({ title, command, arguments: [...args] });
      });
    },
    close: () => {
      closed = true;
    },
  };
}

/** Blank lines around it: VS Code joins what is trusted alike, and a paragraph must not run into the next. */
function noticeMarkdown(markdown: string): vscode.MarkdownString {
  const notice = new vscode.MarkdownString(`\n\n${markdown}\n\n`);
  notice.isTrusted = { enabledCommands: LINKED_COMMANDS };
  // Theme icons stay off: they are also replaced inside code, where an argument like `$(name)` must be seen as it is.
  return notice;
}

/** Whether a part of an earlier answer was a notice; the trust that it was given tells. */
export const isNotice = ({ value }: vscode.ChatResponseMarkdownPart): boolean =>
  value.isTrusted !== undefined;
