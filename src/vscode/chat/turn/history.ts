import { charactersOf, type Message, text, withoutImages } from './messages.js';
import { cut } from '../render.js';

/** One turn of the conversation before this one, as VS Code keeps it. */
export type PastTurn =
  | { readonly kind: 'request'; readonly prompt: string; readonly command: string | undefined }
  | {
      readonly kind: 'response';
      /** Without the gateway's own notices, unless the turn was a slash command. */
      readonly words: string;
      /** Under which its tool calls are remembered, if they are. */
      readonly turn: string | undefined;
    };

const MAX_TURNS = 60;
/** Characters of one prompt or answer. */
const MAX_WORDS = 20_000;

/**
 * The conversation so far as messages, from the newest back as far as the budget goes. Whole exchanges only, so that
 * no answer stands without its question and no call without its result.
 * @param budget characters
 */
export function historyMessages(
  turns: readonly PastTurn[],
  transcripts: Pick<Transcripts, 'get'>,
  budget: number,
): readonly Message[] {
  const kept: Message[] = [];
  let left = budget;
  for (const exchange of exchanges(turns.slice(-MAX_TURNS)).reverse()) {
    const messages = exchange.flatMap((turn) => turnMessages(turn, transcripts));
    left -= messages.reduce((sum, message) => sum + charactersOf(message), 0);
    if (left < 0) break;
    kept.unshift(...messages);
  }
  return kept;
}

/** Each begins with a request. */
function exchanges(turns: readonly PastTurn[]): PastTurn[][] {
  const groups: PastTurn[][] = [];
  for (const turn of turns) {
    if (turn.kind === 'request') groups.push([turn]);
    else groups.at(-1)?.push(turn);
  }
  return groups;
}

function turnMessages(turn: PastTurn, transcripts: Pick<Transcripts, 'get'>): readonly Message[] {
  if (turn.kind === 'request') {
    const prompt = `${turn.command === undefined ? '' : `/${turn.command} `}${turn.prompt}`.trim();
    return prompt === '' ? [] : [{ role: 'user', parts: [text(cut(prompt, MAX_WORDS))] }];
  }
  const remembered = turn.turn === undefined ? undefined : transcripts.get(turn.turn);
  if (remembered) return remembered;
  // An image that an answer shows is of no use to a model as text.
  const words = turn.words.replace(/!\[[^[\]]*\]\(data:[^()]*\)/g, '[image]').trim();
  return words === '' ? [] : [{ role: 'assistant', parts: [text(cut(words, MAX_WORDS))] }];
}

const MAX_TRANSCRIPTS = 50;
/** Characters, of one turn and of all together. */
const MAX_TRANSCRIPT = 200_000;
const MAX_ALL = 2_000_000;

/**
 * What was said in earlier turns with their tool calls and results, which VS Code's history does not have. In memory
 * only: results of tools have no business in the storage of the editor.
 */
export class Transcripts {
  /** The oldest first. */
  readonly #turns = new Map<string, { readonly messages: readonly Message[]; readonly size: number }>();
  #size = 0;

  /** Turns that are too long are not kept; the history then has their words only. */
  add(turn: string, said: readonly Message[]): void {
    const messages = withoutImages(said);
    const size = messages.reduce((sum, message) => sum + charactersOf(message), 0);
    if (size > MAX_TRANSCRIPT) return;
    this.#turns.set(turn, { messages, size });
    this.#size += size;
    for (const [oldest, { size: freed }] of this.#turns) {
      if (this.#turns.size <= MAX_TRANSCRIPTS && this.#size <= MAX_ALL) break;
      this.#turns.delete(oldest);
      this.#size -= freed;
    }
  }

  get(turn: string): readonly Message[] | undefined {
    return this.#turns.get(turn)?.messages;
  }
}
