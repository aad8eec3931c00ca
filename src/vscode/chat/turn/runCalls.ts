import { parseObject } from '../../../base/parseObject.js';
import type { Gateway } from '../../../gateway/api.js';
import { coveredTool, toolDigest } from '../../../gateway/catalog/toolDigest.js';
import { isGatewayError } from '../../../gateway/model/errors.js';
import type { ListedTool } from '../../../gateway/model/listing.js';
import type { CallToolResult, Progress } from '../../../gateway/model/results.js';
import type { Logger } from '../../../gateway/ports.js';
import { type Answer, progressText } from '../answer.js';
import type { ApprovalRequest, Former } from '../approval/approval.js';
import { type CallPart, type ContentPart, type ResultPart, text } from './messages.js';
import { resultForModel } from './results.js';
import { titleOf, type ToolSet } from './toolSet.js';

/** A model that asks for more at once gets the rest refused; it can ask again. */
const MAX_CALLS_PER_ROUND = 32;
/** Bytes of one result. A model sees a small part of it, and reading more would hold up the window. */
const MAX_RESULT_BYTES = 4 * 1024 * 1024;
/** Each progress line stays in the answer until the next words, so a server may not write many. */
const PROGRESS_INTERVAL_MS = 1000;
const MAX_PROGRESS_LINES = 20;

export interface CallRunnerParts {
  readonly gateway: Pick<Gateway, 'callTool' | 'listTools'>;
  readonly tools: ToolSet;
  readonly allows: (request: ApprovalRequest, signal: AbortSignal) => Promise<boolean>;
  readonly answer: Pick<Answer, 'progress'>;
  readonly log: Pick<Logger, 'info'>;
  /** The most text of one result, in characters. */
  readonly maxResultText: number;
}

/** Runs the calls of one round in parallel; answers every one of them, in order, also those that were not run. */
export function runCalls(
  calls: readonly CallPart[],
  parts: CallRunnerParts,
  signal: AbortSignal,
): Promise<readonly ResultPart[]> {
  return Promise.all(
    calls.map(async (call, index) => ({
      type: 'result',
      id: call.id,
      content:
        index < MAX_CALLS_PER_ROUND
          ? await runCall(call, parts, signal)
          : refused(`At most ${MAX_CALLS_PER_ROUND} calls run at once; this one was not run. Call it again.`),
    })),
  );
}

async function runCall(
  { name, input }: CallPart,
  parts: CallRunnerParts,
  signal: AbortSignal,
): Promise<readonly ContentPart[]> {
  const tool = parts.tools.find(name);
  if (!tool) return refused(unknownTool(name, parts.tools.nearest(name)));
  const args = argumentsOf(input);
  if (!args)
    return refused(`The arguments of ${name} are not a JSON object; nothing was run. Send an object.`);
  try {
    return await allowAndRun({ tool, args }, parts, signal).catch(async (error: unknown) => {
      const now = await toolNow(error, tool, parts, signal);
      if (!now) throw error;
      parts.tools.change(now);
      return allowAndRun({ tool: now, args, former: formerly(tool, now) }, parts, signal);
    });
  } catch (error) {
    return refused(failureText(error));
  }
}

/** @throws as `Gateway.callTool` */
async function allowAndRun(
  request: ApprovalRequest,
  parts: CallRunnerParts,
  signal: AbortSignal,
): Promise<readonly ContentPart[]> {
  const { tool, args } = request;
  if (!(await parts.allows(request, signal)))
    return refused(
      `The user did not allow this call of ${tool.name}; it was not run. Go on without it, or ask the user.`,
    );
  // The arguments were made for what the model was offered.
  const checkArguments = parts.tools.hasChanged(tool.name);
  const result = await callWithProgress(targetOf(tool), args, { ...parts, checkArguments, signal });
  return resultForModel(result, parts.maxResultText);
}

/** What a tool is now that was refused because it had changed; the user can decide on that. */
async function toolNow(
  error: unknown,
  { name, server }: ListedTool,
  { gateway }: CallRunnerParts,
  signal: AbortSignal,
): Promise<ListedTool | undefined> {
  if (!isGatewayError(error) || error.code !== 'tool-changed') return undefined;
  const { items } = await gateway.listTools(signal, server);
  return items.find((tool) => tool.name === name);
}

const formerly = (before: ListedTool, now: ListedTool): Former => ({
  definition: coveredTool(before.tool),
  toolChanged: toolDigest(before.tool) !== toolDigest(now.tool),
  serverChanged: before.fingerprint !== now.fingerprint,
});

/** Which tool to call, and how the answer speaks of it; none of it escaped. */
export interface CallTarget {
  readonly name: string;
  readonly title: string;
  readonly serverTitle: string | undefined;
  /** What was shown to whoever allowed the call. */
  readonly listed?: ListedTool;
}

export const targetOf = (listed: ListedTool): CallTarget => ({
  name: listed.name,
  title: titleOf(listed.tool),
  serverTitle: listed.serverTitle,
  listed,
});

export interface CallParts extends Pick<CallRunnerParts, 'answer' | 'log'> {
  readonly gateway: Pick<Gateway, 'callTool'>;
  readonly signal: AbortSignal;
  /** As in `CallOptions`; a model is better served by the server's own complaint. */
  readonly checkArguments?: boolean;
}

/** Runs a tool and says so in the answer. @throws as `Gateway.callTool` */
export async function callWithProgress(
  { name, title, serverTitle, listed }: CallTarget,
  args: Readonly<Record<string, unknown>>,
  { gateway, answer, log, ...options }: CallParts,
): Promise<CallToolResult> {
  answer.progress(progressText(`Running ${title}${serverTitle === undefined ? '' : ` on ${serverTitle}`}…`));
  const started = performance.now();
  const outcome = (what: string): void => {
    log.info(`Chat: ${name} ${what} after ${Math.round(performance.now() - started)} ms.`);
  };
  try {
    const onProgress = progressLines(title, answer);
    const result = await gateway.callTool(name, args, {
      signal: options.signal,
      checkArguments: options.checkArguments ?? false,
      maxResultBytes: MAX_RESULT_BYTES,
      onProgress,
      ...(listed ? { listed } : {}),
    });
    outcome(result.isError === true ? 'reported an error' : 'answered');
    return result;
  } catch (error) {
    outcome(`failed (${isGatewayError(error) ? error.code : 'unexpected'})`);
    throw error;
  }
}

/** Shows a server's progress: at once, then at most one line a second, and not without end. */
function progressLines(title: string, answer: Pick<Answer, 'progress'>): (progress: Progress) => void {
  let last = -Infinity;
  let lines = 0;
  return ({ progress, total, message }) => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS || lines >= MAX_PROGRESS_LINES) return;
    last = now;
    lines++;
    const count = total === undefined ? `${progress}` : `${progress} of ${total}`;
    answer.progress(progressText(`${title}: ${message ?? count}`));
  };
}

/** What the model sent as arguments, if it can be read as an object. */
function argumentsOf(input: unknown): Readonly<Record<string, unknown>> | undefined {
  if (input === undefined || input === null || input === '') return {};
  if (typeof input === 'string') return parseObject(input);
  return typeof input === 'object' && !Array.isArray(input)
    ? (input as Readonly<Record<string, unknown>>)
    : undefined;
}

const refused = (sentence: string): readonly ContentPart[] => [text(`Error: ${sentence}`)];

/** For models and people: there is no such tool in this turn. */
export const unknownTool = (name: string, nearest: readonly string[]): string =>
  `There is no tool named "${name}"; nothing was run.` +
  (nearest.length > 0 ? ` The nearest names are ${nearest.join(', ')}.` : '');

/** For models and people: why a call failed, with the gateway's code for it. */
export const failureText = (error: unknown): string =>
  isGatewayError(error) ? `${error.message} (${error.code})` : `The call failed: ${String(error)}`;
