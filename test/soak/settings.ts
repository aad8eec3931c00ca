import type { TestGateway } from '../support/gateway.js';
import type { Random } from './random.js';
import type { Slot } from './roster.js';

/** How a server's settings differ from those of quiet times. */
interface Difference {
  absent?: boolean;
  /** An entry that nobody could run. */
  invalid?: boolean;
  filtered?: boolean;
  /** Counts changes of environment or headers. */
  environment?: number;
  /** Counts changes of arguments or address. */
  argument?: number;
  callMs?: number;
}

const CHANGES = ['environment', 'argument', 'filter', 'timeout'] as const;

/** The settings of the run, changed one server at a time. */
export class Settings {
  readonly slots: readonly Slot[];
  readonly #configure: TestGateway['configure'];
  readonly #differences = new Map<string, Difference>();
  readonly #awayInQuietTimes: ReadonlySet<string>;
  #away: ReadonlySet<string>;
  #queue: Promise<unknown> = Promise.resolve();
  #version = 0;
  #counter = 0;

  /** @param away servers that are not in the settings in quiet times */
  constructor(slots: readonly Slot[], away: ReadonlySet<string>, configure: TestGateway['configure']) {
    this.slots = slots;
    this.#awayInQuietTimes = away;
    this.#away = away;
    this.#configure = configure;
  }

  /** Odd while a change is on its way to the gateway. */
  get version(): number {
    return this.#version;
  }

  /** Servers that the settings name now, whether they can run or not. */
  get present(): readonly Slot[] {
    return this.slots.filter(({ id }) => !this.#away.has(id) && !this.#differences.get(id)?.absent);
  }

  /** Whether the settings now let this server run. */
  runs(id: string): boolean {
    return !this.#differences.get(id)?.invalid && this.present.some((slot) => slot.id === id);
  }

  /** Changes one thing of one server. @returns what, in words */
  async change(choice: Random): Promise<string> {
    const { id } = choice.pick(this.present);
    const change = choice.pick(CHANGES);
    await this.#apply(() => {
      const before = this.#differences.get(id) ?? {};
      this.#differences.set(id, this.#changed(before, change));
    });
    return `${change} of ${id}`;
  }

  /** Puts one of the bench in the place of another one. @returns which, in words */
  async swap(choice: Random): Promise<string> {
    let what = '';
    await this.#apply(() => {
      const bench = this.slots.filter(({ ofBench }) => ofBench).map(({ id }) => id);
      const out = choice.pick(bench.filter((id) => !this.#away.has(id)));
      const into = choice.pick(bench.filter((id) => this.#away.has(id)));
      this.#away = new Set([...this.#away, out].filter((id) => id !== into));
      what = `${into} for ${out}`;
    });
    return what;
  }

  /** Takes a server out of the settings, or leaves an entry there that cannot run. @returns what brings it back */
  async takeAway(id: string, how: 'absent' | 'invalid'): Promise<() => Promise<void>> {
    const set = (away: boolean): Promise<void> =>
      this.#apply(() => {
        this.#differences.set(id, { ...this.#differences.get(id), [how]: away });
      });
    await set(true);
    return () => set(false);
  }

  /** Back to the settings of quiet times. */
  restore(): Promise<void> {
    return this.#apply(() => {
      this.#differences.clear();
      this.#away = this.#awayInQuietTimes;
    });
  }

  #changed(before: Difference, change: (typeof CHANGES)[number]): Difference {
    switch (change) {
      case 'environment':
        return { ...before, environment: ++this.#counter };
      case 'argument':
        return { ...before, argument: ++this.#counter };
      case 'filter':
        return { ...before, filtered: !before.filtered };
      case 'timeout':
        return { ...before, callMs: 10_000 + ++this.#counter };
    }
  }

  /** One after the other, so that the last one made is the last one that the gateway takes. */
  #apply(change: () => void): Promise<void> {
    const applied = this.#queue.then(async () => {
      this.#version++;
      try {
        change();
        const entries = this.present.map(({ id, entry }) => [
          id,
          differing(entry, this.#differences.get(id) ?? {}),
        ]);
        await this.#configure(Object.fromEntries(entries) as Record<string, unknown>);
      } finally {
        this.#version++;
      }
    });
    this.#queue = applied.catch(() => undefined);
    return applied;
  }
}

function differing(entry: Slot['entry'], difference: Difference): Record<string, unknown> {
  const { invalid, filtered, environment, argument, callMs } = difference;
  if (invalid) return { command: 7 };
  const changed: Record<string, unknown> = { ...entry };
  if (filtered) changed.tools = { exclude: ['echo', 'get'] };
  if (callMs !== undefined) changed.timeouts = { ...(entry.timeouts as object | undefined), callMs };
  if (typeof entry.url === 'string') {
    if (environment !== undefined) changed.headers = { 'X-Change': String(environment) };
    if (argument !== undefined) changed.url = `${entry.url}?change=${argument}`;
  } else {
    if (environment !== undefined)
      changed.env = { ...(entry.env as object | undefined), SOAK_CHANGE: String(environment) };
    if (argument !== undefined)
      changed.args = [...((entry.args as string[] | undefined) ?? []), `--change=${argument}`];
  }
  return changed;
}
