import {
  type AssistantMessage,
  type CallPart,
  holdsImages,
  type Message,
  type Model,
  type OfferedTool,
  type ResultPart,
  text,
  withoutImages,
} from './messages.js';
import { isFinalModelError, refusesTools } from './modelErrors.js';

export interface ToolLoopParts {
  readonly model: Model;
  readonly tools: readonly OfferedTool[];
  /** How many rounds of tool calls are run. */
  readonly maxRounds: number;
  /** Runs one round's calls; answers each of them. */
  readonly runCalls: (calls: readonly CallPart[]) => Promise<readonly ResultPart[]>;
  /** Gets the model's words as they come. */
  readonly onWords: (words: string) => void;
  readonly signal: AbortSignal;
}

export interface ToolLoopEnd {
  /** `stopped`: by the user. `rounds`: the model wanted to go on after the last round. `failed`: the model, see `error`. */
  readonly reason: 'answered' | 'rounds' | 'stopped' | 'failed';
  readonly error?: unknown;
  /** What was said after the messages that the loop began with; a valid continuation of them however it ended. */
  readonly said: readonly Message[];
  /** The model's provider refused tools, so that it answered without them. */
  readonly withoutTools: boolean;
}

const BREAKS: Readonly<Record<ToolLoopEnd['reason'], string>> = {
  answered: '[No answer.]',
  rounds: '[Stopped here: the number of tool rounds of one turn was used up.]',
  stopped: '[Stopped here by the user.]',
  failed: '[Stopped here by an error.]',
};

/** Sends the messages, runs the tools that the model asks for, sends their results, and so on until it asks for none. */
export async function toolLoop(start: readonly Message[], parts: ToolLoopParts): Promise<ToolLoopEnd> {
  const said: Message[] = [];
  const sender = new Sender(parts);
  const stopped = (): boolean => parts.signal.aborted;
  const end = (wanted: ToolLoopEnd['reason'], error?: unknown): ToolLoopEnd => {
    const reason = stopped() ? 'stopped' : wanted;
    // The next turn's model would else take the results for ones that it has yet to answer.
    if (said.at(-1)?.role === 'user') said.push({ role: 'assistant', parts: [text(BREAKS[reason])] });
    return { reason, error, said, withoutTools: sender.toolsRefused };
  };

  for (let round = 1; ; round++) {
    let reply: AssistantMessage;
    try {
      reply = await sender.send([...start, ...said]);
    } catch (error) {
      return end('failed', error);
    }
    const calls = reply.parts.filter((part) => part.type === 'call');
    if (calls.length === 0 || round > parts.maxRounds || stopped()) {
      // A call without its result would make the conversation invalid.
      const words = reply.parts.filter((part) => part.type === 'text');
      if (words.length > 0) said.push({ role: 'assistant', parts: words });
      return end(calls.length === 0 ? 'answered' : 'rounds');
    }
    const results = await parts.runCalls(calls);
    said.push(reply, { role: 'user', parts: results });
    if (stopped()) return end('stopped');
  }
}

/** Sends requests, and once more without what a provider does not take, as long as nothing of the answer was shown. */
class Sender {
  readonly #parts: ToolLoopParts;
  #imagesRefused = false;
  toolsRefused = false;

  constructor(parts: ToolLoopParts) {
    this.#parts = parts;
  }

  async send(messages: readonly Message[]): Promise<AssistantMessage> {
    const request = this.#imagesRefused ? withoutImages(messages) : messages;
    const reply = new Reply(this.#parts);
    try {
      return await reply.receive(request, this.toolsRefused ? [] : this.#parts.tools);
    } catch (error) {
      if (reply.begun || this.#parts.signal.aborted || isFinalModelError(error)) throw error;
      if (!this.toolsRefused && this.#parts.tools.length > 0 && refusesTools(error)) this.toolsRefused = true;
      // The API does not tell which models take images; a provider that does not fails the request.
      else if (!this.#imagesRefused && holdsImages(request)) this.#imagesRefused = true;
      else throw error;
      return this.send(messages);
    }
  }
}

class Reply {
  /** Something of the answer has come, so that sending again would repeat it. */
  begun = false;
  readonly #parts: ToolLoopParts;

  constructor(parts: ToolLoopParts) {
    this.#parts = parts;
  }

  async receive(messages: readonly Message[], tools: readonly OfferedTool[]): Promise<AssistantMessage> {
    const { model, signal, onWords } = this.#parts;
    let words = '';
    const calls: CallPart[] = [];
    for await (const part of await model.send(messages, tools)) {
      this.begun = true;
      if (signal.aborted) break;
      if (part.type === 'call') calls.push(part);
      else {
        words += part.text;
        onWords(part.text);
      }
    }
    // One text, before the calls: some providers read only the first text of a message.
    return { role: 'assistant', parts: [...(words === '' ? [] : [text(words)]), ...calls] };
  }
}
