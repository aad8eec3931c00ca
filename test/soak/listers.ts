import type { Gateway } from '../../src/gateway/api.js';
import type { Listing } from '../../src/gateway/model/listing.js';
import { G } from '../support/gateway.js';
import { random } from './random.js';
import type { World } from './world.js';

const LISTERS = 3;
const REST_MS = 300;
/** A list waits for one grace at most, and a second for a slow disk; the rest is room for a busy machine. */
const BOUND_MS = 20 * G;
/** Why a server cannot give its items, and its old ones may be shown. */
const BROKEN: readonly string[] = ['failed', 'parked', 'unsupported'];
const REASONS: readonly string[] = [...BROKEN, 'starting', 'invalid'];

type AnyListing = Listing<{ readonly server: string }>;

/** Each list method, with what tells its items apart. */
const LISTS = {
  tools: async (gateway: Gateway): Promise<[AnyListing, string[]]> => {
    const listing = await gateway.listTools();
    return [listing, listing.items.map(({ name }) => name)];
  },
  prompts: async (gateway: Gateway): Promise<[AnyListing, string[]]> => {
    const listing = await gateway.listPrompts();
    return [listing, listing.items.map(({ name }) => name)];
  },
  resources: async (gateway: Gateway): Promise<[AnyListing, string[]]> => {
    const listing = await gateway.listResources();
    return [listing, listing.items.map(({ server, resource }) => `${server} ${resource.uri}`)];
  },
  'resource templates': async (gateway: Gateway): Promise<[AnyListing, string[]]> => {
    const listing = await gateway.listResourceTemplates();
    return [
      listing,
      listing.items.map(({ server, resourceTemplate }) => `${server} ${resourceTemplate.uriTemplate}`),
    ];
  },
};
const KINDS = Object.keys(LISTS) as (keyof typeof LISTS)[];

/**
 * What of a listing must never be, in words.
 * @param keys what tells its items apart
 * @param present the servers of the settings, if those stood still
 */
export function listingFaults(
  { items, omitted, stale }: AnyListing,
  keys: readonly string[],
  present: ReadonlySet<string> | undefined,
): string[] {
  const faults: string[] = [];
  const twice = (what: string, keys: readonly string[]): void => {
    const seen = new Set<string>();
    for (const key of keys)
      if (seen.size === seen.add(key).size) faults.push(`${what} ${key} is there twice`);
  };
  twice('the item', keys);
  twice(
    'the omission of',
    omitted.map(({ server }) => server),
  );
  twice('the stale', stale);
  const serving = new Set(items.map(({ server }) => server));
  for (const { server, reason, message } of omitted) {
    const isOld = stale.includes(server);
    if (serving.has(server) && !isOld) faults.push(`${server} is listed and omitted`);
    // Old items stay, and why there is nothing newer is said beside them; what is only on its way says nothing yet.
    if (isOld && !BROKEN.includes(reason)) faults.push(`${server} is stale and omitted as ${reason}`);
    if (!REASONS.includes(reason) || message === '') faults.push(`${server} is omitted without a reason`);
  }
  const told = new Set([...serving, ...stale, ...omitted.map(({ server }) => server)]);
  if (!present) return faults;
  for (const server of told) if (!present.has(server)) faults.push(`${server} is not in the settings`);
  return faults;
}

/** Every server is there with its tools, or left out with a reason (AbsenceIsExplained). */
export function unexplained({ items, omitted }: AnyListing, present: ReadonlySet<string>): string[] {
  const told = new Set([...items, ...omitted].map(({ server }) => server));
  return [...present].filter((server) => !told.has(server)).map((server) => `nothing is said of ${server}`);
}

/** Lists from several places at once, and looks at each listing, until the pace stops it. */
export function startListers(world: World): void {
  const { gateway, settings, journal, pace, seed, lateness } = world;
  for (let index = 0; index < LISTERS; index++) {
    const name = `lister ${index}`;
    const choice = random(seed, name);
    const step = async (): Promise<void> => {
      const version = settings.version;
      const present = new Set(settings.present.map(({ id }) => id));
      const startedAt = performance.now() - lateness.totalMs;
      const kind = choice.chance(0.4) ? 'tools' : choice.pick(KINDS);
      const [listing, keys] = await LISTS[kind](gateway);
      const ms = performance.now() - lateness.totalMs - startedAt;
      journal.count('lists');
      journal.most('slowest list', ms);
      if (ms > BOUND_MS) journal.problem(`a list of ${kind} took ${Math.round(ms)} ms`);
      const stoodStill = version % 2 === 0 && settings.version === version;
      const faults = listingFaults(listing, keys, stoodStill ? present : undefined);
      if (stoodStill && kind === 'tools') faults.push(...unexplained(listing, present));
      for (const fault of faults) journal.problem(`a list of ${kind}: ${fault}`);
    };
    pace.actor(
      name,
      () => choice.between(0, REST_MS),
      step,
      (error) => {
        if (!pace.stopping) journal.problem(`${name}: ${String(error)}`);
      },
    );
  }
}
