import * as vscode from 'vscode';
import { checkTicked, checkTyped } from './check.js';
import type {
  BooleanField,
  ChoiceField,
  ChoicesField,
  FieldValue,
  NumberField,
  TextField,
} from './fields.js';
import { hintOf, inputText } from './inputText.js';
import type { Step, StepAnswer } from './walk.js';

/** What stands above every step of a form. */
export interface FormHead {
  /** Who asks, and for what, on one line. */
  readonly title: string;
  readonly message: string;
}

/** Shows one step of a form. When the signal aborts it closes, which counts as a cancel. */
export function askStep(head: FormHead, step: Step, signal: AbortSignal): Promise<StepAnswer> {
  const { field } = step;
  switch (field.kind) {
    case 'text':
    case 'number':
      return askTyped(head, { ...step, field }, signal);
    case 'boolean':
    case 'choice':
      return askOne(head, { ...step, field }, signal);
    case 'choices':
      return askSome(head, { ...step, field }, signal);
  }
}

const MAX_LABEL = 200;

type StepOf<F> = Step & { readonly field: F };

function askTyped(
  head: FormHead,
  step: StepOf<TextField | NumberField>,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const input = vscode.window.createInputBox();
  const { field, given } = step;
  input.prompt = hintOf(field, head.message);
  input.value = given === undefined ? '' : String(given);
  return shown(input, { head, step, signal }, (done) => {
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => {
      const checked = checkTyped(field, input.value);
      if ('problem' in checked) input.validationMessage = checked.problem;
      else done({ action: 'next', value: checked.value });
    });
  });
}

interface ValueItem extends vscode.QuickPickItem {
  readonly answer: StepAnswer;
}

function askOne(
  head: FormHead,
  step: StepOf<BooleanField | ChoiceField>,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const { field, given } = step;
  const pick = vscode.window.createQuickPick<ValueItem>();
  pick.placeholder = hintOf(field, head.message);
  const items: ValueItem[] = optionsOf(field).map(({ value, label }) => ({
    label: inputText(label, MAX_LABEL),
    ...(value === given ? { description: 'default' } : {}),
    answer: { action: 'next', value },
  }));
  pick.items = items;
  pick.activeItems = items.filter(({ answer }) => answer.action === 'next' && answer.value === given);
  return shown(pick, { head, step, signal }, (done) => {
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      if (picked) {
        done(picked.answer);
        return;
      }
      // Nothing is marked without a default, so that Enter alone agrees to nothing; a quick pick has no other place to say so.
      pick.value = '';
      pick.placeholder = `Nothing is chosen yet: choose with ↑ and ↓, then press Enter. ${hintOf(field, head.message)}`;
    });
  });
}

function askSome(head: FormHead, step: StepOf<ChoicesField>, signal: AbortSignal): Promise<StepAnswer> {
  const { field, given } = step;
  const ticked: readonly unknown[] = Array.isArray(given) ? given : [];
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly value: string }>();
  pick.canSelectMany = true;
  pick.placeholder = hintOf(field, head.message);
  pick.items = field.options.map(({ value, label }) => ({ label: inputText(label, MAX_LABEL), value }));
  pick.selectedItems = pick.items.filter(({ value }) => ticked.includes(value));
  return shown(pick, { head, step, signal }, (done) => {
    pick.onDidAccept(() => {
      const checked = checkTicked(
        field,
        pick.selectedItems.map(({ value }) => value),
      );
      if ('value' in checked) {
        done({ action: 'next', value: checked.value });
        return;
      }
      // A quick pick has no other place for it.
      pick.value = '';
      pick.placeholder = checked.problem;
    });
  });
}

/** Shows an input with the buttons that every step has, until it is answered, closed or not wanted any more. */
async function shown(
  input: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  { head, step, signal }: { readonly head: FormHead; readonly step: Step; readonly signal: AbortSignal },
  listen: (done: (answer: StepAnswer) => void) => void,
): Promise<StepAnswer> {
  input.title = head.title;
  input.step = step.number;
  input.totalSteps = step.of;
  // Whoever looks something up in another window comes back to it.
  input.ignoreFocusOut = true;
  const decline = { iconPath: new vscode.ThemeIcon('circle-slash'), tooltip: 'Decline' };
  const leaveOut = { iconPath: new vscode.ThemeIcon('debug-step-over'), tooltip: 'Leave this field out' };
  input.buttons = [
    ...(step.number > 1 ? [vscode.QuickInputButtons.Back] : []),
    ...(step.field.required ? [] : [leaveOut]),
    decline,
  ];
  let close = (): void => undefined;
  try {
    return await new Promise<StepAnswer>((resolve) => {
      close = () => {
        resolve({ action: 'cancel' });
      };
      signal.addEventListener('abort', close, { once: true });
      listen(resolve);
      input.onDidHide(close);
      input.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) resolve({ action: 'back' });
        else if (button === leaveOut) resolve({ action: 'next', value: undefined });
        else resolve({ action: 'decline' });
      });
      input.show();
    });
  } finally {
    signal.removeEventListener('abort', close);
    input.dispose();
  }
}

const optionsOf = (
  field: BooleanField | ChoiceField,
): readonly { readonly value: FieldValue; readonly label: string }[] =>
  field.kind === 'choice'
    ? field.options
    : [
        { value: true, label: 'Yes' },
        { value: false, label: 'No' },
      ];
