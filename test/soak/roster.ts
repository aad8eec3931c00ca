import { join } from 'node:path';
import { G, scriptedServer } from '../support/gateway.js';
import { startBench, type Bench } from './bench.js';
import type { Processes } from './processes.js';
import type { Random } from './random.js';
import { WebServer } from './webServer.js';

/** One server of the run. */
export interface Slot {
  readonly id: string;
  /**
   * A `good` one keeps books of its calls, and answers them whenever the world is quiet; of an `odd` one the tools are
   * there then; a `bad` one may be left out, for a reason.
   */
  readonly kind: 'good' | 'odd' | 'bad';
  /** Nobody but the gateway ends its processes: what is cut there, the gateway has cut. */
  readonly sheltered: boolean;
  /** One of the bench: only some of those are in the settings at a time. */
  readonly ofBench: boolean;
  /** As many processes of it there are at most when nothing is on its way out; none of ours where it is 0. */
  readonly processes: number;
  /** Its settings as they are in quiet times. */
  readonly entry: Readonly<Record<string, unknown>>;
}

type Script = Readonly<Record<string, unknown>>;

/** Where a good server writes down which calls it ran. */
export const callLog = (folder: string, server: string): string => join(folder, `calls-${server}`);

const TOOLS = ['nonce', 'echo', 'set', 'get', 'is-error', 'reload', 'crash', 'big'];
/** Wide enough for a machine that has much else to do: what works must never run into them. */
const TIMEOUTS = { callMs: 40 * G, connectMs: 60 * G };
const BAD_TIMEOUTS = { callMs: 10 * G, connectMs: 5 * G, listMs: 10 * G };
/** How many of the bench are in the settings at a time. */
const BENCH_PLACES = 10;

/** What each good program does beside answering; `hasty` is one with a timeout that many calls exceed. */
const GOOD: Readonly<Record<string, { script?: Script; more?: Record<string, unknown> }>> = {
  plain: {},
  paged: { script: { pageSize: 2, resources: 5, prompts: 3 } },
  slow: { script: { initDelayMs: 2 * G } },
  family: { script: { grandchild: true } },
  stubborn: { script: { grandchild: 'stubborn', stubborn: true } },
  restless: { script: { changeDuringStart: true, early: true, stdout: 'Hello from a server that greets' } },
  jumbled: { script: { outOfOrder: 50, unknownIds: true, garbage: true } },
  twofold: { script: { twice: true } },
  hasty: { more: { timeouts: { ...TIMEOUTS, callMs: G } } },
  narrow: { more: { maxConcurrency: 2 } },
  sheltered: {},
};
/** Servers over HTTP; `web-json` answers without event streams. */
const WEB: Readonly<Record<string, Script>> = {
  web: {},
  'web-json': { json: true },
  'web-forgetful': { forgetEvery: 20, dropStream: G },
  'web-sheltered': {},
};
const SHELTERED: ReadonlySet<string> = new Set(['sheltered', 'web-sheltered']);

/** A start of it lasts so long that a list which waits for it is noticed. */
const SILENT = { script: { silent: true, grandchild: true }, timeouts: { connectMs: 30 * G } };

/** Where the hostile server's schemas are. */
export const bombsFile = (folder: string): string => join(folder, 'bombs.json');

/** How many questions come with each call. */
const STORM = 50;

/** Servers that work, and harm whoever lets them. */
const hostiles = (folder: string): Readonly<Record<string, Script>> => ({
  bombs: { toolsFile: bombsFile(folder) },
  giant: { tools: ['big', 'echo'] },
  storm: { tools: ['nonce', 'echo'], storm: STORM },
});

/** The servers of a run. */
export interface Roster {
  readonly slots: readonly Slot[];
  readonly webs: readonly WebServer[];
  readonly bench: Bench;
  /** Those of the bench that are not in the settings in quiet times. */
  readonly away: ReadonlySet<string>;
}

/** Makes the servers of a run, and starts what the gateway does not start itself. */
export async function makeRoster(folder: string, processes: Processes, choice: Random): Promise<Roster> {
  const noted = (id: string, entry: Record<string, unknown>): Slot['entry'] =>
    'command' in entry
      ? { ...entry, env: { ...(entry.env as object | undefined), ...processes.environment(id) } }
      : entry;
  const accounted = (id: string): Script => ({ tools: TOOLS, callLog: callLog(folder, id) });
  const webs = Object.entries(WEB).map(([id, script]) => new WebServer(id, { ...accounted(id), ...script }));
  const [bench] = await Promise.all([startBench(), ...webs.map((web) => web.start())]);

  const good = { kind: 'good', ofBench: false } as const;
  const programs = Object.entries(GOOD).map(([id, { script = {}, more = {} }]): Slot => ({
    ...good,
    id,
    sheltered: SHELTERED.has(id),
    processes: script.grandchild ? 2 : 1,
    entry: noted(id, scriptedServer({ ...accounted(id), ...script }, { timeouts: TIMEOUTS, ...more })),
  }));
  const overHttp = webs.map(({ id, url }): Slot => ({
    ...good,
    id,
    sheltered: SHELTERED.has(id),
    processes: 0,
    entry: { url, timeouts: TIMEOUTS },
  }));
  const silent: Slot = {
    id: 'silent',
    kind: 'bad',
    sheltered: false,
    ofBench: false,
    processes: 2,
    entry: noted('silent', scriptedServer(SILENT.script, { timeouts: SILENT.timeouts })),
  };
  const hostile = Object.entries(hostiles(folder)).map(([id, script]): Slot => ({
    id,
    kind: 'odd',
    sheltered: false,
    ofBench: false,
    processes: 1,
    entry: noted(id, scriptedServer(script, { timeouts: TIMEOUTS })),
  }));
  const benched = bench.entries.map(({ name, definition, works }): Slot => {
    const id = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    return {
      id,
      kind: works ? 'odd' : 'bad',
      sheltered: false,
      ofBench: true,
      processes: 'command' in definition ? 2 : 0,
      entry: noted(id, { ...definition, timeouts: works ? TIMEOUTS : BAD_TIMEOUTS }),
    };
  });
  const away = new Set(benched.map(({ id }) => id));
  for (let places = 0; places < BENCH_PLACES; places++) away.delete(choice.pick([...away]));
  return { slots: [...programs, ...overHttp, ...hostile, silent, ...benched], webs, bench, away };
}
