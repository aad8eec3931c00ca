import * as vscode from 'vscode';
import { ClientError, INTERNAL_ERROR, type ServerAsks } from '../../../gateway/model/client.js';
import type { ServerDefinition } from '../../../gateway/model/definition.js';
import { abortable } from '../../../base/async/abort.js';
import { withToken } from '../../cancellation.js';
import { modelOf } from '../../chat/turn/languageModel.js';
import { modelErrorSentence } from '../../chat/turn/modelErrors.js';
import type { Questions } from '../questions.js';
import { sampledFrom, type Sampled } from './answer.js';
import { excerpt } from './excerpt.js';
import type { SamplingChoice, SamplingPermissions } from './permissions.js';
import { chooseModel, samplingRequest, type SamplingRequest } from './request.js';

/** MCP 2025-11-25, "Sampling": the user said no. */
const DECLINED = -1;

export interface SamplingParts {
  readonly permissions: SamplingPermissions;
  readonly questions: Questions;
}

type Asking = Pick<ServerDefinition, 'id' | 'title' | 'fingerprint'>;

/**
 * Lets a language model of VS Code answer a server, if the user allows that server to use one.
 * @throws `ClientError` when there is no model, the user says no, or the model fails; the signal's reason
 */
export async function sample(
  asking: Asking,
  asks: ServerAsks,
  parts: SamplingParts,
): Promise<Sampled & { readonly model: string }> {
  const request = samplingRequest(asks.params);
  const model = chooseModel(await vscode.lm.selectChatModels(), request.hints);
  if (!model)
    throw new ClientError(
      INTERNAL_ERROR,
      'VS Code has no language model that could answer. Sign in to one, or use a client that has one.',
    );
  if (!(await allowed(asking, model, request, asks, parts)))
    throw new ClientError(DECLINED, 'The user does not let this server use a language model.');
  return { ...(await answerOf(model, request, asks.signal)), model: model.id };
}

async function answerOf(
  model: vscode.LanguageModelChat,
  { messages, tools, mustCall, ...limits }: SamplingRequest,
  signal: AbortSignal,
): Promise<Sampled> {
  return withToken(new vscode.CancellationTokenSource(), signal, async (token) => {
    try {
      const stream = await modelOf(model, token, {
        justification: 'To answer a request of one of your MCP servers',
        mustCall,
      }).send(messages, tools);
      return await sampledFrom(stream, limits, (text) => model.countTokens(text, token));
    } catch (error) {
      throw new ClientError(INTERNAL_ERROR, modelErrorSentence(error));
    }
  });
}

async function allowed(
  asking: Asking,
  model: vscode.LanguageModelChat,
  request: SamplingRequest,
  asks: ServerAsks,
  { permissions, questions }: SamplingParts,
): Promise<boolean> {
  const ask = async (): Promise<boolean> => {
    // Another question may have been answered for this one as well.
    const known = permissions.allows(asking);
    if (known !== undefined) return known;
    const choice = await askFor(asking, model, request, asks.signal);
    await permissions.remember(choice, asking);
    return choice === 'session' || choice === 'always';
  };
  return (
    permissions.allows(asking) ?? questions.ask(asks, { title: asking.title, ask, refused: () => false })
  );
}

const CHOICES: ReadonlyMap<string, SamplingChoice> = new Map([
  ['Allow in This Session', 'session'],
  ['Always Allow', 'always'],
  ['Deny', 'never-in-session'],
]);

async function askFor(
  { title }: Asking,
  model: vscode.LanguageModelChat,
  { messages }: SamplingRequest,
  signal: AbortSignal,
): Promise<SamplingChoice> {
  const count = messages.length === 1 ? 'a message' : `${messages.length} messages, the last one`;
  const question = vscode.window.showInformationMessage(
    `Let ${title} use the language model ${model.name}?`,
    {
      modal: true,
      detail: `The server sends it ${count}:\n\n${excerpt(messages.at(-1))}\n\nWhat it uses counts as yours. What you say holds for this server as it is defined now.`,
    },
    ...CHOICES.keys(),
  );
  const answer = await abortable(Promise.resolve(question), signal);
  return CHOICES.get(answer ?? '') ?? 'once-no';
}
