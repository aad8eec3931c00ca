import { ClientError, INVALID_PARAMS } from '../../../gateway/model/client.js';
import type { ContentBlock } from '../../../gateway/model/results.js';
import {
  text,
  type CallPart,
  type ContentPart,
  type Message,
  type OfferedTool,
  type ResultPart,
  type TextPart,
} from '../../chat/turn/messages.js';
import { imageOf, resultForModel } from '../../chat/turn/results.js';
import { MAX_TOOLS } from '../../chat/turn/toolSet.js';

const MAX_MESSAGES = 1000;

/** A server's request for an answer of a language model, in what VS Code's models take. */
export interface SamplingRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly OfferedTool[];
  /** The model must call a tool. */
  readonly mustCall: boolean;
  readonly maxTokens: number;
  readonly stopSequences: readonly string[];
  /** Parts of model names, the most wanted first. */
  readonly hints: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the params of `sampling/createMessage` (MCP 2025-11-25, "Sampling"). VS Code's models know no system prompt, so it
 * becomes the first message; temperature and the priorities have no counterpart.
 * @throws `ClientError` for what no model can be given
 */
export function samplingRequest(params: Json): SamplingRequest {
  const { messages, systemPrompt, maxTokens, stopSequences, modelPreferences, toolChoice } = params;
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES)
    return refused(`"messages" must be a list of 1 to ${MAX_MESSAGES} messages.`);
  const { mode } = objectOf(toolChoice);
  const { hints } = objectOf(modelPreferences);
  const system: Message[] =
    typeof systemPrompt === 'string' && systemPrompt !== ''
      ? [{ role: 'user', parts: [text(systemPrompt)] }]
      : [];
  const tools = mode === 'none' ? [] : listOf(params['tools']).map(toolOf);
  if (tools.length > MAX_TOOLS) refused(`A model takes ${MAX_TOOLS} tools at most.`);
  return {
    messages: [...system, ...messages.map(messageOf)],
    tools,
    mustCall: mode === 'required' && tools.length > 0,
    maxTokens: typeof maxTokens === 'number' && maxTokens > 0 ? maxTokens : Infinity,
    stopSequences: listOf(stopSequences).filter(isText),
    hints: listOf(hints)
      .map((hint) => objectOf(hint)['name'])
      .filter(isText),
  };
}

/** The model that is hinted at first, or else the first there is. */
export function chooseModel<
  M extends { readonly id: string; readonly name: string; readonly family: string },
>(models: readonly M[], hints: readonly string[]): M | undefined {
  for (const hint of hints) {
    const wanted = hint.toLowerCase();
    const found = models.find(({ id, name, family }) =>
      [id, name, family].some((word) => word.toLowerCase().includes(wanted)),
    );
    if (found) return found;
  }
  return models[0];
}

function messageOf(message: unknown): Message {
  const { role, content } = objectOf(message);
  const blocks = (Array.isArray(content) ? content : [content]).map(objectOf);
  return role === 'assistant'
    ? { role: 'assistant', parts: blocks.map(assistantPart) }
    : { role: 'user', parts: blocks.map(userPart) };
}

function assistantPart(block: Json): TextPart | CallPart {
  const { type, id, name, input } = block;
  if (type === 'tool_use' && typeof id === 'string' && typeof name === 'string')
    return { type: 'call', id, name, input };
  if (type === 'text' && typeof block['text'] === 'string') return text(block['text']);
  return refused(`A message of the assistant cannot hold content of type "${String(type)}".`);
}

function userPart(block: Json): ContentPart | ResultPart {
  const { type, toolUseId, content, structuredContent, isError } = block;
  if (type === 'tool_result' && typeof toolUseId === 'string')
    return {
      type: 'result',
      id: toolUseId,
      content: resultForModel({
        content: listOf(content).map(contentBlock),
        ...(structuredContent === undefined ? {} : { structuredContent: objectOf(structuredContent) }),
        isError: isError === true,
      }),
    };
  if (type === 'text' && typeof block['text'] === 'string') return text(block['text']);
  const { mimeType, data } = block;
  if (type === 'image' && typeof mimeType === 'string' && typeof data === 'string')
    return (
      imageOf({ type: 'data', mimeType, base64: data }) ??
      refused(`No model takes an image of type "${mimeType}", or it is too large.`)
    );
  return refused(`No model of VS Code takes content of type "${String(type)}".`);
}

const contentBlock = (block: unknown): ContentBlock => {
  const fields = objectOf(block);
  return { ...fields, type: String(fields['type']) };
};

function toolOf(tool: unknown): OfferedTool {
  const { name, description, inputSchema } = objectOf(tool);
  if (typeof name !== 'string') return refused('A tool has no name.');
  return {
    name,
    description: typeof description === 'string' ? description : name,
    inputSchema: objectOf(inputSchema),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

function refused(why: string): never {
  throw new ClientError(INVALID_PARAMS, why);
}
