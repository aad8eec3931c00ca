import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS, isObject, type Params } from '../../protocol/messages.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { Destination } from './scope.js';

/** Tasks of one client that are remembered, the oldest forgotten first. */
const MAX_TASKS = 1000;

/** MCP 2025-11-25, "Tasks": the methods about one task that exists. */
const ABOUT_A_TASK: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel']);

/**
 * The tasks that one client began. A server knows the gateway as one client, and so lets everybody see every task: whose
 * they are is kept here, and to anybody else they do not exist.
 */
export class Tasks {
  readonly #servers = new Map<string, ServerId>();

  get isEmpty(): boolean {
    return this.#servers.size === 0;
  }

  /** Takes note of the task that a server began, if that is its answer. */
  note(server: ServerId, { task }: Params): void {
    if (!isObject(task) || typeof task.taskId !== 'string') return;
    // The id of another server's task does not become this one's.
    if (this.#servers.has(task.taskId)) return;
    this.#servers.set(task.taskId, server);
    const [oldest] = this.#servers.keys();
    if (this.#servers.size > MAX_TASKS && oldest !== undefined) this.#servers.delete(oldest);
  }

  /** Whether the client began this task at this server. */
  has(server: ServerId, taskId: unknown): boolean {
    return typeof taskId === 'string' && this.#servers.get(taskId) === server;
  }

  /**
   * Where a request goes that is about a task of this client.
   * @param only the one server that the client sees; all when left out
   * @returns `undefined` for any other method
   * @throws RpcError for a task that this client did not begin
   */
  route(method: string, params: Params, only?: ServerId): Destination | undefined {
    if (!ABOUT_A_TASK.has(method)) return undefined;
    const { taskId } = params;
    const server = typeof taskId === 'string' ? this.#servers.get(taskId) : undefined;
    if (server === undefined || (only !== undefined && server !== only))
      throw new RpcError(INVALID_PARAMS, 'There is no such task.');
    return { server, params };
  }

  /** Of an answer to `tasks/list`, what this client began. */
  ownIn(server: ServerId, result: Params): Params {
    const tasks = Array.isArray(result.tasks) ? (result.tasks as unknown[]) : [];
    return { ...result, tasks: tasks.filter((task) => isObject(task) && this.has(server, task.taskId)) };
  }

  /** All tasks of this client, of whatever server. */
  async listAll(request: (method: string, destination: Destination) => Promise<Params>): Promise<Params> {
    const tasks = await Promise.all(
      [...this.#servers].map(([taskId, server]) =>
        request('tasks/get', { server, params: { taskId } }).catch(() => undefined),
      ),
    );
    return { tasks: tasks.filter((task) => task !== undefined) };
  }
}
