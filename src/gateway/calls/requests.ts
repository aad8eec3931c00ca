import { isDeepStrictEqual } from 'node:util';
import type { CallOptions, Gateway, RequestOptions } from '../api.js';
import type { CallRecorder } from './callRecorder.js';
import { CallTree } from './callTree.js';
import { MessageTooLargeError } from '../../protocol/errors.js';
import { isObject, type Params } from '../../protocol/messages.js';
import { readResult, type LargeResult } from '../../protocol/large/largeResult.js';
import type { ArgumentChecker } from '../arguments/argumentChecker.js';
import { toolDigest } from '../catalog/toolDigest.js';
import type { NameForm } from '../model/nameForm.js';
import type { Directory } from '../listing/directory.js';
import { dispatch, type ServerRequest } from './dispatch.js';
import type { ServerId } from '../model/definition.js';
import {
  answerTooLarge,
  badResponse,
  cancelled,
  invalidArguments,
  isGatewayError,
  toolChanged,
  toolGone,
} from '../model/errors.js';
import type { ListedTool } from '../model/listing.js';
import type { Logger } from '../ports.js';
import {
  findOwnTool,
  namesSeen,
  resolveName,
  unlistedTool,
  type Named,
  type NameSources,
} from '../listing/names.js';
import type { Supervisor } from '../upstream/server/supervisor.js';
import { Watchdog } from './watchdog.js';

/** Where requests find what they are about. */
export interface RequestSources {
  readonly directory: Directory;
  readonly names: NameSources;
  readonly calls: CallRecorder;
  readonly checker: ArgumentChecker;
  readonly logger: Logger;
  /** @throws `unknown-name`, `disposed` */
  supervisor(server: ServerId): Supervisor;
}

/** The requests that go to servers; see `api.ts` for what each does. */
export class Requests implements Pick<
  Gateway,
  'callTool' | 'readResource' | 'getPrompt' | 'request' | 'locate'
> {
  readonly #calls: CallTree;

  constructor(private readonly sources: RequestSources) {
    const watchdog = new Watchdog(sources.logger, () => this.#calls.inWork);
    this.#calls = new CallTree(() => {
      watchdog.watch();
    });
  }

  readonly callTool: Gateway['callTool'] = async (name, args, options = {}) => {
    const [supervisor, known] = await this.#resolve('tool', name, options.signal);
    const answer = await this.#call(supervisor, known, { arguments: args }, options);
    const result = read(supervisor.id, answer, options.maxResultBytes);
    // Older servers leave `content` out when there is structured content.
    const content = result.content ?? [];
    if (!Array.isArray(content)) throw badResponse(supervisor.id, 'a tool call without a list of content');
    return { ...result, content };
  };

  readonly readResource: Gateway['readResource'] = async (server, uri, options = {}) => {
    const supervisor = this.sources.supervisor(server);
    const request = { method: 'resources/read', params: { uri } };
    const result = read(server, await this.#dispatch(supervisor, request, options));
    const { contents } = result;
    if (!Array.isArray(contents)) throw badResponse(server, 'a resource without contents');
    return { ...result, contents };
  };

  readonly getPrompt: Gateway['getPrompt'] = async (name, args, options = {}) => {
    const [supervisor, { prompt }] = await this.#resolve('prompt', name, options.signal);
    const request = { method: 'prompts/get', params: { name: prompt.name, arguments: args } };
    const result = read(supervisor.id, await this.#dispatch(supervisor, request, options));
    const { messages } = result;
    if (!Array.isArray(messages)) throw badResponse(supervisor.id, 'a prompt without messages');
    return { ...result, messages };
  };

  readonly request: Gateway['request'] = async (server, method, params, options = {}) => {
    const supervisor = this.sources.supervisor(server);
    if (method !== 'tools/call') return this.#dispatch(supervisor, { method, params }, options);
    const own = typeof params.name === 'string' ? params.name : '';
    const known = await this.#orCancelled(options.signal, () =>
      findOwnTool(supervisor, own, this.sources.directory, options.signal),
    );
    return this.#call(supervisor, known, params, options);
  };

  readonly locate: Gateway['locate'] = async (kind, name, signal, sees, form) => {
    const names = sees ? namesSeen(this.sources.names, sees) : this.sources.names;
    if (kind === 'prompt') {
      const [{ id }, { prompt }] = await this.#resolve('prompt', name, signal, names, form);
      return { server: id, name: prompt.name };
    }
    const [{ id }, { tool }] = await this.#resolve('tool', name, signal, names, form);
    return { server: id, name: tool.name };
  };

  /** @param params all but the name */
  #call(
    supervisor: Supervisor,
    known: ListedTool,
    params: Params,
    options: CallOptions,
  ): Promise<Params | LargeResult> {
    const args = isObject(params.arguments) ? params.arguments : {};
    const findLive = (): ListedTool | undefined =>
      this.sources.directory.ownTool(supervisor, known.tool.name) ??
      unlistedTool(supervisor, known.tool.name, this.sources.directory);
    const check = (): Promise<void> | undefined =>
      checkCall({ supervisor, known, findLive, args, checker: this.sources.checker }, options);
    const request = { method: 'tools/call', params: { ...params, name: known.tool.name }, check };
    const call = { client: options.client?.label, server: supervisor.id, tool: known.tool.name, args };
    return this.sources.calls.during(call, () => this.#dispatch(supervisor, request, options));
  }

  #dispatch(
    supervisor: Supervisor,
    request: ServerRequest,
    options: RequestOptions,
  ): Promise<Params | LargeResult> {
    return dispatch(supervisor, this.#calls, request, options);
  }

  #resolve<K extends keyof Named>(
    kind: K,
    name: string,
    signal: RequestOptions['signal'],
    names = this.sources.names,
    form?: NameForm,
  ): Promise<[Supervisor, Named[K]]> {
    return this.#orCancelled(signal, () => resolveName(kind, name, names, signal, form));
  }

  async #orCancelled<T>(signal: RequestOptions['signal'], find: () => Promise<T>): Promise<T> {
    try {
      return await find();
    } catch (error) {
      throw signal?.aborted && !isGatewayError(error) ? cancelled('not-executed', error) : error;
    }
  }
}

/** All that a server answered. @param maxBytes of a large answer @throws `bad-response` when it is larger */
function read(server: ServerId, result: Params | LargeResult, maxBytes?: number): Params {
  try {
    return readResult(result, maxBytes);
  } catch (error) {
    throw error instanceof MessageTooLargeError ? answerTooLarge(server, error.maxBytes, error) : error;
  }
}

/** What is looked at before a tool runs. */
interface CheckedCall {
  readonly supervisor: Supervisor;
  /** What the name stood for when the call came in. */
  readonly known: ListedTool;
  /** What it stands for now. */
  readonly findLive: () => ListedTool | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  readonly checker: ArgumentChecker;
}

/**
 * The last look before a tool runs, on its live server (invariant StubCallConnects).
 * @returns nothing to wait for where the arguments need no check
 * @throws `tool-gone`, `tool-changed`, `invalid-arguments`, the signal's reason
 */
function checkCall(
  { supervisor: { id }, known, findLive, args, checker }: CheckedCall,
  { listed, checkArguments: always, signal }: CallOptions,
): Promise<void> | undefined {
  const { name } = known.tool;
  const live = promisedTool(id, name, findLive(), listed);
  // The arguments were made for another schema than the one in force.
  const changed = !isDeepStrictEqual((listed ?? known).tool.inputSchema, live.tool.inputSchema);
  if (!always && !changed) return undefined;
  const { inputSchema: schema } = live.tool;
  return checker.check({ server: id, tool: name, schema, args }, signal).then((reasons) => {
    if (reasons.length > 0) throw invalidArguments(id, name, reasons, changed);
    // The server may have changed it meanwhile.
    promisedTool(id, name, findLive(), listed);
  });
}

/** The live tool. @throws `tool-gone`, `tool-changed` */
function promisedTool(
  server: ServerId,
  name: string,
  live: ListedTool | undefined,
  listed: ListedTool | undefined,
): ListedTool {
  if (!live) throw toolGone(server, name);
  if (listed && !keepsPromises(listed, live)) throw toolChanged(server, name);
  return live;
}

/** Whether a tool still is what somebody decided on: of the same definition, and saying the same of itself. */
const keepsPromises = (listed: ListedTool, live: ListedTool): boolean =>
  listed.fingerprint === live.fingerprint &&
  (listed.tool === live.tool || toolDigest(listed.tool) === toolDigest(live.tool));
