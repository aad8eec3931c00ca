import * as vscode from 'vscode';
import { ClientError, INVALID_PARAMS, type ServerAsks } from '../../../gateway/model/client.js';
import { abortable } from '../../../base/async/abort.js';
import { addressOf } from './address.js';
import { askStep } from './askStep.js';
import { fieldsOf } from './fields.js';
import { MAX_HINT, messageText } from './inputText.js';
import { walkForm, type ElicitResult } from './walk.js';

const DECLINE = 'Decline';

/**
 * Asks the user what a server wants to know: field by field, or by opening an address. Escape cancels.
 * @param title of the server
 * @throws `ClientError` when it cannot be asked; maybe the signal's reason
 */
export async function elicit(title: string, { params, signal }: ServerAsks): Promise<ElicitResult> {
  const { mode = 'form', message: said } = params;
  const message = messageText(said);
  if (mode === 'url') return openAddress(title, message, params['url'], signal);
  return mode === 'form' ? fillForm(title, message, params['requestedSchema'], signal) : notKnown(mode);
}

async function fillForm(
  title: string,
  message: string,
  schema: unknown,
  signal: AbortSignal,
): Promise<ElicitResult> {
  const fields = fieldsOf(schema);
  if (fields.length === 0 || message.length > MAX_HINT || message.includes('\n')) {
    const proceed = fields.length === 0 ? 'Accept' : 'Answer…';
    const answer = await askModally(`${title} asks you`, message, proceed, signal);
    if (answer !== 'accept') return { action: answer };
    if (fields.length === 0) return { action: 'accept', content: {} };
  }
  const head = { title: `${title} asks`, message };
  return walkForm(fields, (step) =>
    signal.aborted ? Promise.resolve({ action: 'cancel' }) : askStep(head, step, signal),
  );
}

async function openAddress(
  title: string,
  message: string,
  url: unknown,
  signal: AbortSignal,
): Promise<ElicitResult> {
  const { href, host } = addressOf(url);
  const detail = `${message}\n\n${href}`;
  const answer = await askModally(`${title} asks you to open a page of ${host}`, detail, 'Open', signal);
  if (answer !== 'accept') return { action: answer };
  // A `Uri` loses how the address was encoded, and with it the addresses inside of it (microsoft/vscode#85930).
  const opened = await vscode.env.openExternal(href as unknown as vscode.Uri);
  return { action: opened ? 'accept' : 'cancel' };
}

/** VS Code closes a modal question only when it is answered; one that the server has given up is answered to nobody. */
async function askModally(
  question: string,
  detail: string,
  accept: string,
  signal: AbortSignal,
): Promise<'accept' | 'decline' | 'cancel'> {
  const asked = vscode.window.showInformationMessage(question, { modal: true, detail }, accept, DECLINE);
  const answer = await abortable(Promise.resolve(asked), signal);
  return answer === accept ? 'accept' : answer === DECLINE ? 'decline' : 'cancel';
}

function notKnown(mode: unknown): never {
  throw new ClientError(
    INVALID_PARAMS,
    `Elicitation of mode "${String(mode)}" is not known; use "form" or "url".`,
  );
}
