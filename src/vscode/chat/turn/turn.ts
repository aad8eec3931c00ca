import type { Gateway } from '../../../gateway/api.js';
import type { Logger } from '../../../gateway/ports.js';
import type { Answer } from '../answer.js';
import type { ApprovalRequest } from '../approval/approval.js';
import { type Budget, budgetFor } from './budget.js';
import { type ContentPart, type Message, type Model, text } from './messages.js';
import { leftOutLine, noServersLine, roundsLine, sayAbsences, withoutToolsLine } from '../notices.js';
import { runCalls } from './runCalls.js';
import { toolLoop, type ToolLoopEnd } from './toolLoop.js';
import { toolsForTurn } from './toolSet.js';

export interface TurnParts {
  readonly gateway: Gateway;
  readonly model: Model;
  readonly maxInputTokens: number;
  readonly maxRounds: number;
  readonly answer: Answer;
  readonly allows: (request: ApprovalRequest, signal: AbortSignal) => Promise<boolean>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Whether what the open folder configures is read. */
  readonly trusted: boolean;
}

/** What the user asks in this turn. */
export interface Question {
  readonly prompt: string;
  /** Names of the tools that the user attached. */
  readonly attachedTools: readonly string[];
  /** Both are read within the budget that the turn's tools leave. */
  readonly history: (maxText: number) => readonly Message[];
  readonly attachments: (maxText: number) => Promise<readonly ContentPart[]>;
}

/** One turn with the model: lists the tools once, uses that one set throughout, and says at the end what was missing. */
export async function modelTurn(question: Question, parts: TurnParts): Promise<ToolLoopEnd> {
  const { gateway, answer, signal } = parts;
  const listing = await gateway.listTools(signal);
  const tools = await toolsForTurn(listing.items, question.prompt, question.attachedTools);
  const offered = tools.offered();
  const budget = budgetFor(parts.maxInputTokens, offered);

  const end = await toolLoop(await firstMessages(question, budget), {
    model: parts.model,
    tools: offered,
    maxRounds: parts.maxRounds,
    runCalls: (calls) => runCalls(calls, { ...parts, tools, maxResultText: budget.result }, signal),
    onWords: answer.words,
    signal,
  });

  if (end.reason === 'rounds') answer.notice(roundsLine(parts.maxRounds));
  if (end.withoutTools) answer.notice(withoutToolsLine);
  else if (tools.leftOut > 0) answer.notice(leftOutLine(tools.tools.length, tools.leftOut));
  if (gateway.servers().length + gateway.problems.length + gateway.withheld.length === 0)
    answer.notice(noServersLine(parts.trusted));
  sayAbsences(listing, answer);
  return end;
}

/**
 * Attached text goes before the prompt in a message of its own, so that the last message is what the user typed;
 * images stay with the prompt, where Copilot's automatic choice of a model looks for them.
 */
async function firstMessages(question: Question, budget: Budget): Promise<readonly Message[]> {
  const attachments = await question.attachments(budget.attachments);
  const texts = attachments.filter(({ type }) => type === 'text');
  const images = attachments.filter(({ type }) => type === 'image');
  return [
    ...question.history(budget.history),
    ...(texts.length > 0 ? [{ role: 'user', parts: texts } as const] : []),
    { role: 'user', parts: [...images, text(question.prompt)] },
  ];
}
