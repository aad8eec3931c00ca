import type { CallPart, TextPart } from '../../chat/turn/messages.js';
import type { SamplingRequest } from './request.js';

/** Characters; a model that never ends is left after so many. */
const MAX_CHARACTERS = 1_000_000;

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

/** What goes to the server, without the model's name. */
export interface Sampled {
  readonly role: 'assistant';
  readonly content: Block | readonly Block[];
  readonly stopReason: 'endTurn' | 'stopSequence' | 'maxTokens' | 'toolUse';
}

/**
 * Reads a model's answer. VS Code's models cannot be told where to stop, so it is read no further than the server wants;
 * whoever asked the model then cancels it.
 * @param countTokens of the model; asked now and then, as each answer costs time
 */
export async function sampledFrom(
  stream: AsyncIterable<TextPart | CallPart>,
  { maxTokens, stopSequences }: Pick<SamplingRequest, 'maxTokens' | 'stopSequences'>,
  countTokens: (text: string) => PromiseLike<number>,
): Promise<Sampled> {
  const blocks: Block[] = [];
  let written = '';
  // A token is rarely shorter than a character.
  let nextCount = maxTokens;
  for await (const part of stream) {
    if (part.type === 'call') {
      blocks.push({ type: 'tool_use', id: part.id, name: part.name, input: inputOf(part) });
      continue;
    }
    const last = blocks.at(-1);
    const before = last?.type === 'text' ? last.text : '';
    if (last?.type === 'text') blocks.pop();
    const whole = before + part.text;
    const stop = firstStop(whole, before.length, stopSequences);
    blocks.push({ type: 'text', text: whole.slice(0, stop) });
    if (stop !== undefined) return sampled(blocks, 'stopSequence');
    written += part.text;
    if (written.length > MAX_CHARACTERS) return sampled(blocks, 'maxTokens');
    if (written.length >= nextCount) {
      if ((await countTokens(written)) >= maxTokens) return sampled(blocks, 'maxTokens');
      nextCount = written.length + Math.max(200, written.length / 4);
    }
  }
  return sampled(blocks, blocks.some(({ type }) => type === 'tool_use') ? 'toolUse' : 'endTurn');
}

function sampled(blocks: readonly Block[], stopReason: Sampled['stopReason']): Sampled {
  const [first = { type: 'text', text: '' }, ...others] = blocks;
  return { role: 'assistant', content: others.length === 0 ? first : blocks, stopReason };
}

/** Where the first of the sequences begins, also one that began in what was there `before`. */
function firstStop(whole: string, before: number, sequences: readonly string[]): number | undefined {
  const found = sequences
    .map((sequence) => whole.indexOf(sequence, Math.max(0, before - sequence.length + 1)))
    .filter((index) => index >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** Models are known to send nothing, or a text. */
const inputOf = ({ input }: CallPart): object => (typeof input === 'object' && input !== null ? input : {});
