import * as vscode from 'vscode';
import { abortable } from '../../base/async/abort.js';
import { notificationText } from '../serverText.js';
import type { Invite } from './questions.js';

const ANSWER = 'Answer…';
const DECLINE = 'Decline';

/** A notification with the choice; closing it cancels. */
export const invite: Invite = async (title, signal) => {
  const shown = vscode.window.showInformationMessage(
    notificationText(`The MCP server ${title} wants to ask you something.`),
    ANSWER,
    DECLINE,
  );
  const answer = await abortable(Promise.resolve(shown), signal);
  return answer === ANSWER ? 'come' : answer === DECLINE ? 'decline' : 'cancel';
};
