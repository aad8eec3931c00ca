import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Gateway } from '../../gateway/api.js';
import { isGatewayError } from '../../gateway/model/errors.js';
import type { Logger } from '../../gateway/ports.js';
import { withSignal } from '../cancellation.js';
import type { ConsentDesk } from '../consent/consentDesk.js';
import type { ApprovalSetting } from './approval/approval.js';
import { Approver } from './approval/approver.js';
import type { Grants } from './approval/grants.js';
import { InlineQuestions } from './approval/inlineQuestions.js';
import { helpFollowups, helpMarkdown } from './slash/help.js';
import { historyMessages, Transcripts } from './turn/history.js';
import { modelOf } from './turn/languageModel.js';
import { modelErrorSentence } from './turn/modelErrors.js';
import { conversationOf, pastTurns, type TurnMetadata } from './turn/pastTurns.js';
import { isImplicit } from './turn/attached.js';
import { referenceParts } from './turn/references.js';
import { escapeMarkdown } from './render.js';
import { askForServers } from './serverQuestion.js';
import { slashCommands } from './slash/slashCommands.js';
import { answerOn, type StreamAnswer } from './streamAnswer.js';
import { modelTurn } from './turn/turn.js';

export const PARTICIPANT = 'mcp-tool-gateway.mcp';

/** Read when they are needed. */
export interface ChatSettings {
  readonly approval: ApprovalSetting;
  /** How many rounds of tool calls one turn may have. */
  readonly maxRounds: number;
}

export interface ChatDoor {
  readonly gateway: Gateway;
  readonly settings: ChatSettings;
  readonly log: Logger;
  readonly grants: Grants;
  readonly desk: ConsentDesk;
}

/** Registers `@mcp` and the commands about its approvals. */
export function registerChat({ gateway, settings, log, grants, desk }: ChatDoor): vscode.Disposable {
  const questions = new InlineQuestions(grants);
  const chat = new Chat({ gateway, settings, log, grants, desk, questions });
  const participant = vscode.chat.createChatParticipant(PARTICIPANT, (request, chatContext, stream, token) =>
    withSignal(token, (signal) => chat.handle({ request, chatContext, stream, token, signal })),
  );
  participant.iconPath = new vscode.ThemeIcon('tools');
  participant.followupProvider = { provideFollowups: (result) => helpFollowups(result.metadata) };
  return vscode.Disposable.from(participant, questions);
}

interface ChatParts extends ChatDoor {
  readonly questions: InlineQuestions;
}

/** One message to the participant. */
interface Incoming {
  readonly request: vscode.ChatRequest;
  readonly chatContext: vscode.ChatContext;
  readonly stream: vscode.ChatResponseStream;
  readonly token: vscode.CancellationToken;
  readonly signal: AbortSignal;
}

class Chat {
  readonly #parts: ChatParts;
  readonly #transcripts = new Transcripts();

  constructor(parts: ChatParts) {
    this.#parts = parts;
  }

  async handle(incoming: Incoming): Promise<vscode.ChatResult> {
    const { chatContext, stream, signal } = incoming;
    const metadata: TurnMetadata = { conversation: conversationOf(chatContext.history), turn: randomUUID() };
    const answer = answerOn(stream, signal);
    try {
      const error = await this.#answer(incoming, answer, metadata);
      return { metadata, ...(error === undefined ? {} : { errorDetails: { message: error } }) };
    } catch (error) {
      if (signal.aborted) return { metadata };
      if (!isGatewayError(error)) this.#parts.log.error(`Chat: a turn failed unexpectedly: ${String(error)}`);
      return { metadata, errorDetails: { message: errorSentence(error) } };
    } finally {
      answer.close();
    }
  }

  /** @returns what went wrong, as a sentence for the user */
  async #answer(
    incoming: Incoming,
    answer: StreamAnswer,
    metadata: TurnMetadata,
  ): Promise<string | undefined> {
    const { request, signal } = incoming;
    const { gateway, log } = this.#parts;
    const slashCommand = slashCommands.get(request.command ?? '');
    if (slashCommand) {
      await slashCommand(request.prompt, {
        gateway,
        answer,
        log,
        signal,
        trusted: vscode.workspace.isTrusted,
      });
      return undefined;
    }
    if (request.prompt.trim() === '' && request.references.every(isImplicit)) {
      metadata.help = true;
      answer.notice(helpMarkdown);
      return undefined;
    }
    return this.#modelTurn(incoming, answer, metadata);
  }

  async #modelTurn(
    { request, chatContext, token, signal }: Incoming,
    answer: StreamAnswer,
    { conversation, turn }: TurnMetadata,
  ): Promise<string | undefined> {
    const { gateway, settings, grants, desk, questions, log } = this.#parts;
    await askForServers(desk, answer, signal);
    const approver = new Approver({
      setting: () => settings.approval,
      grants,
      trustedToRead: gateway.isTrustedReadOnly,
      conversation,
      ask: questions.askIn(answer),
      log,
    });
    const end = await modelTurn(
      {
        prompt: request.prompt,
        attachedTools: request.toolReferences.map(({ name }) => name),
        history: (maxText) => historyMessages(pastTurns(chatContext.history), this.#transcripts, maxText),
        attachments: (maxText) => referenceParts(request.references, maxText, signal),
      },
      {
        gateway,
        model: modelOf(request.model, token),
        maxInputTokens: request.model.maxInputTokens,
        maxRounds: settings.maxRounds,
        answer,
        allows: (approval) => approver.allows(approval, signal),
        log,
        signal,
        trusted: vscode.workspace.isTrusted,
      },
    );
    this.#transcripts.add(turn, end.said);
    return end.reason === 'failed' ? modelErrorSentence(end.error) : undefined;
  }
}

/** VS Code reads it as Markdown. */
const errorSentence = (error: unknown): string =>
  isGatewayError(error)
    ? escapeMarkdown(error.message)
    : 'Something went wrong in MCP Gateway itself; its log says more. Send the message again.';
