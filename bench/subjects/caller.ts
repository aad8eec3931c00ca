/** One client's conversation with something that offers the bench's tools. */
export interface Caller {
  /** Calls `echo`; rejects unless the answer is right. */
  readonly echo: () => Promise<unknown>;
  /** Lists all tools; answers how many there are. */
  readonly list: () => Promise<number>;
  /** Has `echo` answer so many characters; answers how many came. */
  readonly large: (chars: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** What was answered to a call. */
export interface Answer {
  readonly content?: unknown;
}

interface Page {
  readonly tools: readonly unknown[];
  readonly nextCursor?: string;
}

let nonce = 0;

/** A caller of anything that takes a method and its params. @param prefix what stands before the names of tools */
export function callerOf(
  request: (method: string, params: Record<string, unknown>) => Promise<unknown>,
  close: () => Promise<void>,
  prefix = '',
): Caller {
  const name = `${prefix}echo`;
  const call = async (args: Record<string, unknown>): Promise<string> => {
    const answer = (await request('tools/call', { name, arguments: args })) as Answer;
    return textOf(answer);
  };
  return {
    echo: async () => {
      const text = `nonce-${++nonce}`;
      const answer = await call({ text });
      if (answer !== text) throw new Error(`echo answered ${answer.slice(0, 200)}`);
    },
    list: async () => {
      let count = 0;
      let cursor: string | undefined;
      do {
        const page = (await request('tools/list', cursor === undefined ? {} : { cursor })) as Page;
        count += page.tools.length;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return count;
    },
    large: async (chars) => (await call({ text: '', chars })).length,
    close,
  };
}

function textOf({ content }: Answer): string {
  const [first] = Array.isArray(content) ? (content as { text?: unknown }[]) : [];
  return typeof first?.text === 'string' ? first.text : '';
}
