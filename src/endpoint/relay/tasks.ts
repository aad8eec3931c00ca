import { RpcError } from '../../protocol/errors.js';
import { INVALID_PARAMS, isObject, type Params } from '../../protocol/messages.js';
import type { ServerId } from '../../gateway/model/definition.js';
import type { Destination } from './scope.js';

/** Tasks that are remembered, the oldest forgotten first. */
const MAX_TASKS = 1000;

/** Whose the tasks of one session are: among all servers, a task's id alone does not tell (MCP 2025-11-25, "Tasks"). */
export class Tasks {
  readonly #servers = new Map<string, ServerId>();

  /** Takes note of the task that a server began, if that is its answer. */
  note(server: ServerId, { task }: Params): void {
    if (!isObject(task) || typeof task.taskId !== 'string') return;
    this.#servers.set(task.taskId, server);
    const [oldest] = this.#servers.keys();
    if (this.#servers.size > MAX_TASKS && oldest !== undefined) this.#servers.delete(oldest);
  }

  /** @throws RpcError */
  serverOf(taskId: unknown): ServerId {
    const server = typeof taskId === 'string' ? this.#servers.get(taskId) : undefined;
    if (server === undefined) throw new RpcError(INVALID_PARAMS, 'There is no such task.');
    return server;
  }

  /** The tasks of this session, of all servers that have some. */
  async listAll(request: (method: string, destination: Destination) => Promise<Params>): Promise<Params> {
    const tasks = await Promise.all(
      [...this.#servers].map(([taskId, server]) =>
        request('tasks/get', { server, params: { taskId } }).catch(() => undefined),
      ),
    );
    return { tasks: tasks.filter((task) => task !== undefined) };
  }
}
