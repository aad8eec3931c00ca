import { ANSWER_CONSENT, type ConsentAnswer, type ConsentDesk } from '../consent/consentDesk.js';
import { consentMarkdown, reviewsMarkdown } from '../consent/reviewText.js';
import type { Answer } from './answer.js';

/** Servers in one question; nobody reads more. The rest is asked about in the next turn. */
const MAX_AT_ONCE = 20;

/**
 * Asks in the answer about the servers that this workspace brings and that nobody has decided on; waits for the answer,
 * so that what is allowed can be used in this turn. Nothing is asked where nothing waits.
 */
export async function askForServers(
  desk: ConsentDesk,
  answer: Pick<Answer, 'notice' | 'button' | 'progress'>,
  signal: AbortSignal,
): Promise<void> {
  const reviews = desk.unanswered.slice(0, MAX_AT_ONCE);
  if (reviews.length === 0) return;
  const { id, choice } = desk.questions.add(reviews, signal);
  answer.notice(reviewsMarkdown(reviews));
  const button = (title: string, given: ConsentAnswer): void => {
    answer.button(title, ANSWER_CONSENT, [id, given]);
  };
  if (reviews.length === 1) button('Allow', 'allow');
  else {
    button(`Allow all ${reviews.length}`, 'allow');
    button('Choose…', 'choose');
  }
  button('Deny', 'deny');
  answer.progress('Waiting for your answer…');
  const allowed = await choice;
  if (!signal.aborted) answer.notice(consentMarkdown(reviews, allowed));
}
