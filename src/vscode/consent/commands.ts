import * as vscode from 'vscode';
import type { ServerId } from '../../gateway/model/definition.js';
import { buttonText } from '../chat/render.js';
import { reportingFailure } from '../commands.js';
import { ANSWER_CONSENT, type ConsentDesk } from './consentDesk.js';
import type { Review } from './review.js';
import { reviewDetail } from './reviewText.js';

const REVIEW = 'mcpGateway.reviewServers';
const RESET = 'mcpGateway.resetServerConsents';

/** The commands about the servers that a workspace brings. */
export function registerConsentCommands(desk: ConsentDesk): vscode.Disposable {
  const register = (name: string, run: (...args: unknown[]) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, (...args: unknown[]) => reportingFailure(() => run(...args)));
  return vscode.Disposable.from(
    register(REVIEW, (server) => review(desk, typeof server === 'string' ? server : undefined)),
    register(RESET, () => reset(desk)),
    register(ANSWER_CONSENT, (id, answer) => answerQuestion(desk, id, answer)),
    {
      dispose: () => {
        desk.questions.denyAll();
      },
    },
  );
}

/**
 * Asks about a server that waits for a consent, because the user acts on it.
 * @returns whether it may run now; `undefined` where it waits for none
 */
export async function askAboutServer(desk: ConsentDesk, server: ServerId): Promise<boolean | undefined> {
  const review = desk.find(server);
  return review && askAbout(review, desk);
}

/** With all that it would do in view. @returns whether the user allowed it */
async function askAbout(review: Review, desk: ConsentDesk): Promise<boolean> {
  const allow = 'Allow';
  const answer = await vscode.window.showWarningMessage(
    `Allow the MCP server “${buttonText(review.title, 100)}” of this workspace to run?`,
    { modal: true, detail: reviewDetail(review) },
    { title: allow },
    { title: 'Deny', isCloseAffordance: true },
  );
  if (answer?.title !== allow) {
    desk.refuse([review]);
    return false;
  }
  await desk.allow([review]);
  return true;
}

/** One after another, until the user has had enough. */
async function review(desk: ConsentDesk, server: ServerId | undefined): Promise<void> {
  const given = server === undefined ? undefined : desk.find(server);
  if (given) {
    await askAbout(given, desk);
    return;
  }
  if (desk.waiting.length === 0) {
    void vscode.window.showInformationMessage('No server of this workspace waits for your consent.');
    return;
  }
  await reviewAll(() => desk.waiting, desk);
}

async function reviewAll(waiting: () => readonly Review[], desk: ConsentDesk): Promise<void> {
  for (;;) {
    const reviews = waiting();
    const [only] = reviews;
    if (!only) return;
    const picked = reviews.length === 1 ? only : await pickReview(reviews);
    if (!picked) return;
    await askAbout(picked, desk);
    if (reviews.length === 1) return;
  }
}

async function pickReview(reviews: readonly Review[]): Promise<Review | undefined> {
  const items = reviews.map((one) => ({
    label: buttonText(one.title, 100),
    description: one.replaces ? 'replaces your own' : '',
    detail: one.facts
      .slice(0, 1)
      .map(({ label, text }) => buttonText(`${label}: ${text}`, 200))
      .join(''),
    review: one,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Servers of this workspace that wait for your consent',
    placeHolder: 'Pick one to see what it does, and to allow or deny it',
  });
  return picked?.review;
}

async function answerQuestion(desk: ConsentDesk, id: unknown, answer: unknown): Promise<void> {
  const question = desk.questions.open.find((open) => open.id === id);
  if (!question) {
    void vscode.window.showInformationMessage(
      'This question was answered already, or its turn has ended. “MCP Gateway: Review Servers of This Workspace…” asks again.',
    );
    return;
  }
  const { request } = question;
  const undecided = (): readonly Review[] =>
    request.filter((one) => desk.unanswered.some((other) => same(one, other)));
  if (answer === 'allow') await desk.allow(request);
  if (answer === 'choose') await reviewAll(undecided, desk);
  // What was not chosen was not wanted.
  if (answer === 'choose' || answer === 'deny') desk.refuse(undecided());
}

const same = (a: Review, b: Review): boolean => a.id === b.id && a.fingerprint === b.fingerprint;

async function reset(desk: ConsentDesk): Promise<void> {
  const count = await desk.reset();
  void vscode.window.showInformationMessage(
    count === 0
      ? 'No server of this workspace was allowed, so there was nothing to reset.'
      : `${count} ${count === 1 ? 'consent was' : 'consents were'} forgotten; servers of this workspace run only after you allow them again.`,
  );
}
