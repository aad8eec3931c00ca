import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { PastTurn } from './history.js';
import { isNotice } from '../streamAnswer.js';

/** What VS Code keeps with an answer: names for things in memory, never arguments or results. */
export interface TurnMetadata {
  readonly conversation: string;
  readonly turn: string;
  /** The answer was the help text. */
  help?: boolean;
}

type Turns = vscode.ChatContext['history'];

/** The conversation that this turn goes on, or a new one; what the user allows “in this conversation” hangs on it. */
export const conversationOf = (turns: Turns): string =>
  turns.map((turn) => metadataOf(turn)?.conversation).findLast((id) => typeof id === 'string') ??
  randomUUID();

export const pastTurns = (turns: Turns): readonly PastTurn[] =>
  turns.map((turn) =>
    turn instanceof vscode.ChatRequestTurn
      ? { kind: 'request', prompt: turn.prompt, command: turn.command }
      : { kind: 'response', words: wordsOf(turn), turn: metadataOf(turn)?.turn },
  );

const metadataOf = (turn: Turns[number]): Partial<TurnMetadata> | undefined =>
  turn instanceof vscode.ChatResponseTurn ? turn.result.metadata : undefined;

/** The model's words; all words when a slash command was answered, because its notices are the answer. */
const wordsOf = ({ response, command }: vscode.ChatResponseTurn): string =>
  response
    .filter((part) => part instanceof vscode.ChatResponseMarkdownPart)
    .filter((part) => command !== undefined || !isNotice(part))
    .map(({ value }) => value.value)
    .join('');
