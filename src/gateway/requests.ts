import { isDeepStrictEqual } from 'node:util';
import type { CallOptions, Gateway, RequestOptions } from './api.js';
import { CallTree } from './callTree.js';
import { checkArguments } from './catalog/checkArguments.js';
import type { Directory } from './directory.js';
import { dispatch } from './dispatch.js';
import type { ServerId } from './model/definition.js';
import {
  badResponse,
  cancelled,
  invalidArguments,
  isGatewayError,
  toolChanged,
  toolGone,
} from './model/errors.js';
import type { ListedTool } from './model/listing.js';
import { resolveName, type Named, type NameSources } from './names.js';
import type { Supervisor } from './upstream/supervisor.js';

/** Where requests find what they are about. */
export interface RequestSources {
  readonly directory: Directory;
  readonly names: NameSources;
  /** @throws `unknown-name`, `disposed` */
  supervisor(server: ServerId): Supervisor;
}

/** The requests that go to servers; see `api.ts` for what each does. */
export class Requests implements Pick<Gateway, 'callTool' | 'readResource' | 'getPrompt'> {
  readonly #calls = new CallTree();

  constructor(private readonly sources: RequestSources) {}

  readonly callTool: Gateway['callTool'] = async (name, args, options = {}) => {
    const [supervisor, known] = await this.#resolve('tool', name, options.signal);
    const result = await dispatch(
      supervisor,
      this.#calls,
      {
        method: 'tools/call',
        params: { name: known.tool.name, arguments: args },
        check: () => {
          checkCall(
            supervisor,
            known,
            this.sources.directory.view(supervisor)?.toolsByName.get(name),
            args,
            options,
          );
        },
      },
      options,
    );
    // Older servers leave `content` out when there is structured content.
    const content = result.content ?? [];
    if (!Array.isArray(content)) throw badResponse(supervisor.id, 'a tool call without a list of content');
    return { ...result, content };
  };

  readonly readResource: Gateway['readResource'] = async (server, uri, options = {}) => {
    const supervisor = this.sources.supervisor(server);
    const request = { method: 'resources/read', params: { uri } };
    const result = await dispatch(supervisor, this.#calls, request, options);
    const { contents } = result;
    if (!Array.isArray(contents)) throw badResponse(server, 'a resource without contents');
    return { ...result, contents };
  };

  readonly getPrompt: Gateway['getPrompt'] = async (name, args, options = {}) => {
    const [supervisor, { prompt }] = await this.#resolve('prompt', name, options.signal);
    const request = { method: 'prompts/get', params: { name: prompt.name, arguments: args } };
    const result = await dispatch(supervisor, this.#calls, request, options);
    const { messages } = result;
    if (!Array.isArray(messages)) throw badResponse(supervisor.id, 'a prompt without messages');
    return { ...result, messages };
  };

  async #resolve<K extends keyof Named>(
    kind: K,
    name: string,
    signal: RequestOptions['signal'],
  ): Promise<[Supervisor, Named[K]]> {
    try {
      return await resolveName(kind, name, this.sources.names, signal);
    } catch (error) {
      throw signal?.aborted && !isGatewayError(error) ? cancelled('not-executed', error) : error;
    }
  }
}

/**
 * The last look before a tool runs, on its live server (invariant StubCallConnects).
 * @param known what the name stood for when the call came in
 * @param live what it stands for now
 * @throws `tool-gone`, `tool-changed`, `invalid-arguments`
 */
function checkCall(
  { id }: Supervisor,
  known: ListedTool,
  live: ListedTool | undefined,
  args: Readonly<Record<string, unknown>>,
  { listed, checkArguments: always }: CallOptions,
): void {
  const { name } = known.tool;
  if (!live) throw toolGone(id, name);
  if (listed && !keepsPromises(listed, live)) throw toolChanged(id, name);
  // The arguments were made for another schema than the one in force.
  const changed = !isDeepStrictEqual((listed ?? known).tool.inputSchema, live.tool.inputSchema);
  const reasons = always || changed ? checkArguments(live.tool.inputSchema, args) : [];
  if (reasons.length > 0) throw invalidArguments(id, name, reasons, changed);
}

/** Whether a tool still is what somebody decided on. */
const keepsPromises = (listed: ListedTool, live: ListedTool): boolean =>
  listed.fingerprint === live.fingerprint &&
  (listed.tool.annotations?.readOnlyHint !== true || live.tool.annotations?.readOnlyHint === true);
