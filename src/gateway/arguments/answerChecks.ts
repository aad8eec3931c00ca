import { parentPort } from 'node:worker_threads';
import type { JsonSchema } from '../model/catalog.js';
import { compileCheck, type ArgumentCheck } from './checkArguments.js';

/** One check, as it is sent to the worker. */
export interface CheckMessage {
  /** The schema's name between the two. */
  readonly key: string;
  /** As JSON, where the worker does not have it yet. */
  readonly schema: string | undefined;
  /** As JSON. */
  readonly args: string;
  /** Forget the schemas so far. */
  readonly forget: boolean;
}

/** What the worker says: that it runs; then of each check, in order, that it has begun, and its answer. */
export type CheckAnswer =
  { readonly ready: true } | { readonly begun: true } | { readonly reasons: readonly string[] };

/** What most schemas use: so that the code for it is loaded and compiled before the first check has its deadline. */
const SAMPLE: JsonSchema = {
  type: 'object',
  properties: { text: { type: 'string', pattern: '^a' }, list: { type: 'array', items: { enum: ['a'] } } },
  required: ['count'],
};

/** The worker's side: answers checks one after another, for as long as it is let. */
export function answerChecks(): void {
  const port = parentPort;
  if (!port) return;
  const checks = new Map<string, ArgumentCheck>();
  const answer = (message: CheckAnswer): void => {
    port.postMessage(message);
  };
  port.on('message', ({ key, schema, args, forget }: CheckMessage) => {
    answer({ begun: true });
    if (forget) checks.clear();
    if (schema !== undefined) checks.set(key, compileCheck(JSON.parse(schema) as JsonSchema));
    answer({ reasons: checks.get(key)?.(JSON.parse(args)) ?? [] });
  });
  compileCheck(SAMPLE)({ text: '', list: ['b'] });
  answer({ ready: true });
}
