/** A turn's conversation in plain types, so that all but the outermost layer of the chat works without VS Code. */

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export interface ImagePart {
  readonly type: 'image';
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** What a tool result, or a user's message, can be made of. */
export type ContentPart = TextPart | ImagePart;

/** The model asks for a tool. Models are known to send `input` as nothing, as a string or as broken JSON. */
export interface CallPart {
  readonly type: 'call';
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface ResultPart {
  readonly type: 'result';
  /** Of the call that it answers. */
  readonly id: string;
  readonly content: readonly ContentPart[];
}

export interface UserMessage {
  readonly role: 'user';
  readonly parts: readonly (ContentPart | ResultPart)[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly parts: readonly (TextPart | CallPart)[];
}

export type Message = UserMessage | AssistantMessage;

/** A tool as it is described to the model. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
}

/** The language model that the user chose. */
export interface Model {
  /** @throws what the model's provider throws; see `modelErrors.ts` */
  readonly send: (
    messages: readonly Message[],
    tools: readonly OfferedTool[],
  ) => Promise<AsyncIterable<TextPart | CallPart>>;
}

export const text = (value: string): TextPart => ({ type: 'text', text: value });

/** How many characters a message adds to a request, roughly; an image counts as little as it costs a model. */
export function charactersOf(message: Message): number {
  const parts: readonly (ContentPart | ResultPart | CallPart)[] = message.parts;
  return parts.reduce((sum, part) => sum + charactersOfPart(part), 0);
}

/** What a model takes for an image, at about three characters a token. */
const IMAGE_CHARACTERS = 4500;

function charactersOfPart(part: ContentPart | ResultPart | CallPart): number {
  switch (part.type) {
    case 'text':
      return part.text.length;
    case 'image':
      return IMAGE_CHARACTERS;
    case 'call':
      return part.name.length + JSON.stringify(part.input ?? null).length;
    case 'result':
      return part.content.reduce((sum, content) => sum + charactersOfPart(content), 0);
  }
}

/** For models that take no images: each becomes a line of text that says what was there. */
export function withoutImages(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) =>
    message.role === 'assistant'
      ? message
      : {
          role: 'user',
          parts: message.parts.map((part) =>
            part.type === 'result' ? { ...part, content: part.content.map(imageAsText) } : imageAsText(part),
          ),
        },
  );
}

export const holdsImages = (messages: readonly Message[]): boolean =>
  messages.some(
    (message) =>
      message.role === 'user' &&
      message.parts.some(
        (part) =>
          part.type === 'image' ||
          (part.type === 'result' && part.content.some(({ type }) => type === 'image')),
      ),
  );

const imageAsText = <P extends ContentPart | ResultPart>(part: P): P | TextPart =>
  part.type === 'image' ? text(dataNote(part.mimeType, part.data.byteLength)) : part;

/** Stands in a text for data that is not shown: `[image/png, 12 KB]`. */
export const dataNote = (mimeType: string, bytes: number): string => `[${mimeType}, ${sizeText(bytes)}]`;

/** `512 bytes`, `12 KB`, `3.4 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
}
