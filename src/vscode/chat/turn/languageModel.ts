import * as vscode from 'vscode';
import type { CallPart, ContentPart, Message, Model, OfferedTool, ResultPart, TextPart } from './messages.js';

const JUSTIFICATION = 'To answer in the chat with the tools of your MCP servers';

/**
 * A model of VS Code's, such as the one that the user chose in the chat view, in plain types.
 * @param justification why it is used, for VS Code's own question
 * @param mustCall whether it has to call a tool
 */
export function modelOf(
  model: vscode.LanguageModelChat,
  token: vscode.CancellationToken,
  { justification = JUSTIFICATION, mustCall = false } = {},
): Model {
  return {
    send: async (messages, tools) => {
      const options: vscode.LanguageModelChatRequestOptions = {
        justification,
        ...(tools.length > 0 ? { tools: tools.map(toTool) } : {}),
        ...(mustCall ? { toolMode: vscode.LanguageModelChatToolMode.Required } : {}),
      };
      const { stream } = await model.sendRequest(messages.map(toMessage), options, token);
      return partsOf(stream);
    },
  };
}

/** Passes on words and calls; thoughts and a provider's own data are not for the chat. */
async function* partsOf(stream: AsyncIterable<unknown>): AsyncIterable<TextPart | CallPart> {
  for await (const part of stream) {
    if (part instanceof vscode.LanguageModelTextPart) yield { type: 'text', text: part.value };
    if (part instanceof vscode.LanguageModelToolCallPart)
      yield { type: 'call', id: part.callId, name: part.name, input: part.input };
  }
}

const toTool = ({ name, description, inputSchema }: OfferedTool): vscode.LanguageModelChatTool => ({
  name,
  description,
  inputSchema,
});

function toMessage(message: Message): vscode.LanguageModelChatMessage {
  return message.role === 'assistant'
    ? vscode.LanguageModelChatMessage.Assistant(
        message.parts.map((part) => (part.type === 'call' ? toCall(part) : toText(part))),
      )
    : vscode.LanguageModelChatMessage.User(
        message.parts.map((part) => (part.type === 'result' ? toResult(part) : toContent(part))),
      );
}

const toText = ({ text }: TextPart): vscode.LanguageModelTextPart => new vscode.LanguageModelTextPart(text);

/** A provider sends the call back to its service, where only an object is a valid input. */
const toCall = ({ id, name, input }: CallPart): vscode.LanguageModelToolCallPart =>
  new vscode.LanguageModelToolCallPart(id, name, typeof input === 'object' && input !== null ? input : {});

const toResult = ({ id, content }: ResultPart): vscode.LanguageModelToolResultPart =>
  new vscode.LanguageModelToolResultPart(id, content.map(toContent));

const toContent = (part: ContentPart): vscode.LanguageModelTextPart | vscode.LanguageModelDataPart =>
  part.type === 'image' ? vscode.LanguageModelDataPart.image(part.data, part.mimeType) : toText(part);
