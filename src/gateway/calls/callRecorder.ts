import { hash, randomBytes } from 'node:crypto';
import type { Params } from '../../protocol/messages.js';
import { factsOf, type LargeResult } from '../../protocol/large/largeResult.js';
import type { CallOutcome, CallRecord } from '../model/callRecord.js';
import { isGatewayError } from '../model/errors.js';
import type { CallRecords } from '../ports.js';

interface Call extends Pick<CallRecord, 'server' | 'tool'> {
  /** Missing for a call of this program's own. */
  readonly client: string | undefined;
  readonly args: unknown;
}

/** Characters of a digest: enough to tell the calls of one record apart. */
const DIGEST_LENGTH = 12;

/** Tells what became of each call, and nothing that was in it. */
export class CallRecorder {
  /** Of this process only, so that nobody can find out short arguments by trying them. */
  readonly #key = randomBytes(32).toString('base64');

  constructor(private readonly records: CallRecords | undefined) {}

  /** Runs a call and records it when it ends. @throws as the call */
  async during<T extends Params | LargeResult>(call: Call, run: () => Promise<T>): Promise<T> {
    const { records } = this;
    if (!records) return run();
    const time = Date.now();
    const startedAt = performance.now();
    const end = (outcome: CallOutcome): void => {
      const { client = records.own, server, tool, args } = call;
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      records.record({ time, client, server, tool, outcome, ms, args: this.#digest(args) });
    };
    try {
      const result = await run();
      end(factsOf(result).isError === true ? 'tool-error' : 'ok');
      return result;
    } catch (error) {
      // Nothing but gateway errors leaves a request; should one do so all the same, the call is no success.
      end(isGatewayError(error) ? error.code : 'bad-response');
      throw error;
    }
  }

  #digest(args: unknown): string {
    // Not an HMAC, which takes a tenth of a call's time: it is cut, so that nothing can be made from it either.
    return hash('sha256', this.#key + JSON.stringify([args])).slice(0, DIGEST_LENGTH);
  }
}
