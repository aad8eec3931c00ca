import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isGatewayError } from '../../src/gateway/model/errors.js';
import { signalTo } from './processes.js';
import { random, type Random } from './random.js';
import type { World } from './world.js';

/** How many do mischief side by side. */
const HANDS = 5;
const REST_MS = 500;
const FROZEN_MS = 1500;
const WEB_DOWN_MS = 1000;
const AWAY_MS = 1000;

/** What one act did, in words, as `<kind> <more>`; `undefined` when there was nothing to do. */
type Act = (world: World, choice: Random) => Promise<string | undefined>;

const anyServer = ({ settings }: World, choice: Random): string => choice.pick(settings.present).id;

/** A server that is a program, and that may be harmed from outside. */
const anyVictim = ({ settings }: World, choice: Random): string =>
  choice.pick(settings.present.filter(({ sheltered, entry }) => !sheltered && 'command' in entry)).id;

/** A process of any victim. */
async function anyProcess(world: World, choice: Random): Promise<[string, number] | undefined> {
  const server = anyVictim(world, choice);
  const pids = await world.processes.newest(server);
  return pids.length === 0 ? undefined : [server, choice.pick(pids)];
}

const kill: Act = async (world, choice) => {
  const signal = choice.pick(['SIGKILL', 'SIGKILL', 'SIGTERM'] as const);
  const [server, pid] = (await anyProcess(world, choice)) ?? [];
  return pid !== undefined && signalTo(pid, signal) ? `kill ${server} ${signal}` : undefined;
};

const freeze: Act = async (world, choice) => {
  const ms = choice.between(100, FROZEN_MS);
  const [server, pid] = (await anyProcess(world, choice)) ?? [];
  if (pid === undefined || !signalTo(pid, 'SIGSTOP')) return undefined;
  await delay(ms);
  signalTo(pid, 'SIGCONT');
  return `freeze ${server} for ${ms} ms`;
};

const outage: Act = async ({ webs, settings }, choice) => {
  const sheltered = settings.slots.filter((slot) => slot.sheltered).map(({ id }) => id);
  const web = choice.pick(webs.filter(({ id }) => !sheltered.includes(id)));
  const ms = choice.between(0, WEB_DOWN_MS);
  return (await web.outage(ms)) ? `outage of ${web.id} for ${ms} ms` : undefined;
};

const crash: Act = async (world, choice) => {
  const server = anyVictim(world, choice);
  await world.gateway.callTool(`${server}__crash`, {}).catch(typedOnly);
  return `crash ${server}`;
};

const reload: Act = async (world, choice) => {
  const server = anyServer(world, choice);
  await world.gateway.callTool(`${server}__reload`, {}).catch(typedOnly);
  return `list_changed ${server}`;
};

const restart: Act = async (world, choice) => {
  const server = anyServer(world, choice);
  await world.gateway.restart(server).catch(typedOnly);
  return `restart ${server}`;
};

const change: Act = async (world, choice) => `change ${await world.settings.change(choice)}`;

const swap: Act = async ({ settings }, choice) => `swap ${await settings.swap(choice)}`;

const takeAway: Act = async (world, choice) => {
  const server = anyServer(world, choice);
  const how = choice.pick(['absent', 'invalid'] as const);
  const ms = choice.between(0, AWAY_MS);
  const bringBack = await world.settings.takeAway(server, how);
  await delay(ms);
  await bringBack();
  return `absence of ${server} (${how}) for ${ms} ms`;
};

const resetCache: Act = async (world, choice) => {
  const server = choice.chance(0.2) ? undefined : anyServer(world, choice);
  await world.gateway.resetCache(server).catch(typedOnly);
  return `reset ${server ?? 'all'}`;
};

const harmCache: Act = async ({ cacheDir }, choice) => {
  const how = choice.pick(['remove all', 'remove', 'cut', 'scribble'] as const);
  if (how === 'remove all') {
    await rm(cacheDir, { recursive: true, force: true, maxRetries: 5 });
    return `harm ${how}`;
  }
  const bytes = choice.between(0, 500);
  const names = (await readdir(cacheDir).catch(() => [])).filter((file) => file.endsWith('.catalog'));
  if (names.length === 0) return undefined;
  const file = join(cacheDir, choice.pick(names));
  // Any of them may be gone by now: the gateway writes and removes files of its own accord.
  const gone = (): undefined => undefined;
  if (how === 'remove') await rm(file, { force: true });
  else if (how === 'cut') await truncate(file, bytes).catch(gone);
  else await writeFile(file, `{"tools":[{"name":"forged"}]} ${bytes}`).catch(gone);
  return `harm ${how}`;
};

const refreshAll: Act = async ({ gateway }) => {
  await gateway.refreshAll();
  return 'refresh all';
};

const warmUp: Act = async ({ gateway }) => {
  await gateway.warmUp();
  return 'warm-up';
};

/** As often as their numbers say. */
const ACTS: readonly (readonly [number, Act])[] = [
  [25, kill],
  [8, freeze],
  [8, outage],
  [6, crash],
  [6, reload],
  [15, restart],
  [15, change],
  [8, swap],
  [8, takeAway],
  [6, resetCache],
  [8, harmCache],
  [3, refreshAll],
  [3, warmUp],
];
const HAT = ACTS.flatMap(([times, act]) => Array.from({ length: times }, () => act));

/** The gateway may refuse, but only with a code. */
function typedOnly(error: unknown): void {
  if (!isGatewayError(error)) throw error;
}

/** Kills, restarts and changes whatever there is, until the pace stops it. */
export function startChaos(world: World): void {
  for (let index = 0; index < HANDS; index++) {
    const name = `chaos ${index}`;
    const choice = random(world.seed, name);
    const step = async (): Promise<void> => {
      const done = await choice.pick(HAT)(world, choice);
      if (done === undefined) return;
      world.journal.log(done);
      world.journal.count(`did: ${done.split(' ', 1)[0]!}`);
    };
    world.pace.actor(
      name,
      () => choice.between(0, REST_MS),
      step,
      (error) => {
        world.journal.problem(`${name}: ${error instanceof Error ? String(error.stack) : String(error)}`);
      },
    );
  }
}
