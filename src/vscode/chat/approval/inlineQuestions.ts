import * as vscode from 'vscode';
import type { Answer } from '../answer.js';
import { type ApprovalRequest, type Ask, type Choice, choicesFor, isChoice } from './approval.js';
import { buttonText } from '../render.js';
import type { Grants } from './grants.js';
import { type PendingQuestion, PendingQuestions } from './pending.js';
import { argumentsLine, decisionMarkdown, questionMarkdown } from './question.js';

const ANSWER = 'mcpGateway.answerApproval';
const RESET = 'mcpGateway.resetApprovals';
/** Tells keybindings and the command palette that a question is open. */
const CONTEXT_KEY = 'mcpGateway.approvalPending';

type PendingApproval = PendingQuestion<ApprovalRequest>;

/** Asks inside the answer, with a button for each choice; the command palette answers as well. */
export class InlineQuestions implements vscode.Disposable {
  readonly #pending = new PendingQuestions<ApprovalRequest, Choice>('deny', (open) => {
    void vscode.commands.executeCommand('setContext', CONTEXT_KEY, open > 0);
  });
  readonly #commands: vscode.Disposable;

  constructor(grants: Grants) {
    this.#commands = vscode.Disposable.from(
      vscode.commands.registerCommand(ANSWER, async (id?: unknown, choice?: unknown) => {
        if (typeof id === 'string' && isChoice(choice)) this.#answer(id, choice);
        else await this.#pickAndAnswer();
      }),
      vscode.commands.registerCommand(RESET, () => resetApprovals(grants)),
    );
  }

  /** A way of asking in this answer. */
  askIn(answer: Answer): Ask {
    return async (request, signal) => {
      const { id, choice } = this.#pending.add(request, signal);
      answer.notice(questionMarkdown(request));
      for (const { choice: offered, title } of choicesFor(request))
        answer.button(title, ANSWER, [id, offered]);
      answer.progress('Waiting for your answer…');
      const chosen = await choice;
      answer.notice(decisionMarkdown(request, chosen));
      return chosen;
    };
  }

  dispose(): void {
    this.#pending.denyAll();
    this.#commands.dispose();
  }

  #answer(id: string, choice: Choice): void {
    if (this.#pending.answer(id, choice)) return;
    void vscode.window.showInformationMessage(
      'This question was answered already, or its turn has ended. Send the message again to be asked again.',
    );
  }

  async #pickAndAnswer(): Promise<void> {
    const question = await pickQuestion(this.#pending.open);
    if (!question) return;
    const picked = await vscode.window.showQuickPick(
      choicesFor(question.request).map(({ choice, title }) => ({ label: title, choice })),
      { title: questionTitle(question), placeHolder: argumentsLine(question.request) },
    );
    if (picked) this.#answer(question.id, picked.choice);
  }
}

async function pickQuestion(open: readonly PendingApproval[]): Promise<PendingApproval | undefined> {
  const [first, ...others] = open;
  if (!first) {
    void vscode.window.showInformationMessage('No tool is waiting for an answer.');
    return undefined;
  }
  if (others.length === 0) return first;
  const items = open.map((question) => ({
    label: questionTitle(question),
    detail: argumentsLine(question.request),
    question,
  }));
  return (await vscode.window.showQuickPick(items, { title: 'Which tool?' }))?.question;
}

const questionTitle = ({ request: { tool } }: PendingApproval): string =>
  `Run ${tool.name} on ${buttonText(tool.serverTitle)}?`;

async function resetApprovals(grants: Grants): Promise<void> {
  const count = await grants.reset();
  void vscode.window.showInformationMessage(
    count === 0
      ? 'No tool was allowed beyond a single call, so there was nothing to reset.'
      : `${count} tool ${count === 1 ? 'approval was' : 'approvals were'} forgotten; you will be asked again.`,
  );
}
