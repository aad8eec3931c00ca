import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { type CallTarget, targetOf, unknownTool } from '../turn/runCalls.js';
import { escapeMarkdown } from '../render.js';
import type { ToolSet } from '../turn/toolSet.js';

/** What `/call` is to do, or why it cannot. */
export type CallRequest =
  | { readonly target: CallTarget; readonly args: Readonly<Record<string, unknown>> }
  /** A sentence for people, as Markdown; nothing was run. */
  | { readonly problem: string };

/**
 * Reads `<public name> <json>`; without JSON the tool gets no arguments. Whether they fit is judged by the gateway, on
 * what the tool is once its server runs.
 * @param complete whether `tools` are all that there are; if not, the gateway may know a tool that is not among them
 */
export function readCall(prompt: string, tools: ToolSet, complete: boolean): CallRequest {
  const [, name = '', json = ''] = /^#?(\S*)\s*([^]*)$/.exec(prompt.trim()) ?? [];
  if (name === '')
    return { problem: 'Which tool? Write `/call <public name> <json>`; `/tools` lists the names.' };
  const tool = tools.find(name);
  if (!tool && complete) return { problem: escapeMarkdown(unknownTool(name, tools.nearest(name))) };
  const args = readArguments(json);
  if ('problem' in args) return args;
  const target = tool ? targetOf(tool) : { name, title: name, serverTitle: undefined };
  return { target, args: args.value };
}

function readArguments(json: string): { value: Readonly<Record<string, unknown>> } | { problem: string } {
  if (json === '') return { value: {} };
  const errors: ParseError[] = [];
  const value: unknown = parse(json, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first)
    return { problem: `The arguments are not valid JSON: ${errorText(first, json)}. Nothing was run.` };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: 'The arguments must be a JSON object, such as `{"name": "value"}`. Nothing was run.' };
  return { value: value as Readonly<Record<string, unknown>> };
}

/** `value expected at character 12`, with the line where there are several. */
function errorText({ error, offset }: ParseError, json: string): string {
  const what = printParseErrorCode(error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
  const before = json.slice(0, offset).split('\n');
  const character = (before.at(-1)?.length ?? 0) + 1;
  return `${what} at ${before.length > 1 ? `line ${before.length}, ` : ''}character ${character} of the JSON`;
}
