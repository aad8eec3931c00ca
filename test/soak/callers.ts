import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallOptions } from '../../src/gateway/api.js';
import { isGatewayError, type Execution, type GatewayErrorCode } from '../../src/gateway/model/errors.js';
import { random, type Random } from './random.js';
import type { World } from './world.js';

const CALLERS = 8;
const REST_MS = 30;
const BURST = 40;

/** What calls may end with while servers are killed and frozen, and asked for more than they can do. */
const HARMED = new Set<GatewayErrorCode>([
  'connection-lost',
  'call-timeout',
  'server-unavailable',
  'too-busy',
]);
/** What calls may end with when the settings changed in the meantime, or keep the server from running. */
const CHANGED = new Set<GatewayErrorCode>(['unknown-name', 'disposed']);

/**
 * One call with a nonce, and its entry in the books. @returns whether it was answered
 * @param ms how long the server takes for it
 */
export async function call(
  world: World,
  server: string,
  ms: number,
  options: CallOptions = {},
): Promise<boolean> {
  const { accounts, journal, settings, gateway } = world;
  const nonce = accounts.issue(server);
  const { version } = settings;
  const couldRun = settings.runs(server) && version % 2 === 0;
  const startedAt = performance.now();
  try {
    const result = await gateway.callTool(`${server}__nonce`, { nonce, ms }, options);
    accounts.settle(nonce, 'answered');
    const text = result.content[0]?.text;
    if (result.isError || text !== nonce)
      journal.problem(`${nonce} to ${server} got the answer ${JSON.stringify(text)}`);
    return true;
  } catch (error) {
    accounts.settle(nonce, executionOf(error));
    const steady = couldRun && settings.version === version;
    for (const fault of faultsOf(world, server, error, steady, options))
      journal.problem(`${nonce} to ${server} failed ${fault}`);
    if (isGatewayError(error)) {
      journal.count(`${executionOf(error)}: ${error.code}`);
      journal.log(`${nonce} to ${server} failed with ${error.code}, ${executionOf(error)}`);
    }
    return false;
  } finally {
    journal.most('slowest call', performance.now() - startedAt);
  }
}

const executionOf = (error: unknown): Execution =>
  isGatewayError(error) ? (error.details.execution ?? 'unknown') : 'unknown';

/**
 * Every failure has a code, says whether the tool may have run, and is one that the moment explains.
 * @param steady the settings let the server run all the time
 */
function faultsOf(
  { settings, pace }: World,
  server: string,
  error: unknown,
  steady: boolean,
  { signal, listed }: CallOptions,
): string[] {
  if (!isGatewayError(error)) return [`without a code: ${String(error)}`];
  const { code, details, message } = error;
  const sheltered = settings.slots.some((slot) => slot.sheltered && slot.id === server);
  const explained =
    pace.stopping ||
    (code === 'cancelled' && signal?.aborted === true) ||
    (code === 'tool-changed' && listed !== undefined) ||
    (HARMED.has(code) && !sheltered) ||
    (CHANGED.has(code) && !steady);
  return [
    ...(explained ? [] : [`with ${code}, which nothing explains: ${message}`]),
    ...(details.execution ? [] : [`with ${code}, which does not say whether the tool ran`]),
  ];
}

/** Sends calls to the good servers from several callers at once, until the pace stops them. */
export function startCallers(world: World): void {
  const good = world.settings.slots.filter(({ kind }) => kind === 'good').map(({ id }) => id);
  for (let index = 0; index < CALLERS; index++) {
    const name = `caller ${index}`;
    const choice = random(world.seed, name);
    // One signal for all calls of a caller, as a chat has: whatever listens to it must let go of it.
    const { signal } = new AbortController();
    const step = async (): Promise<void> => {
      await anyCall(world, choice, good, signal);
      const listeners = getEventListeners(signal, 'abort').length;
      if (listeners > 0) world.journal.problem(`${listeners} listeners are left on the signal of ${name}`);
    };
    world.pace.actor(
      name,
      () => choice.between(0, REST_MS),
      step,
      (error) => {
        if (!world.pace.stopping) world.journal.problem(`${name}: ${String(error)}`);
      },
    );
  }
}

async function anyCall(
  world: World,
  choice: Random,
  good: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const server = choice.pick(good);
  const ms = choice.chance(0.3) ? choice.between(200, 800) : choice.between(0, 50);
  const kind = choice.between(0, 99);
  if (kind < 3) {
    await Promise.all(
      Array.from({ length: BURST }, () => call(world, server, choice.between(0, 30), { signal })),
    );
    return;
  }
  if (kind < 25) {
    await cancelledCall(world, server, ms, choice.chance(0.1) ? 0 : choice.between(1, 400));
    return;
  }
  if (kind < 35) {
    const { items } = await world.gateway.listTools(signal);
    const listed = items.find(({ name }) => name === `${server}__nonce`);
    await call(world, server, ms, { signal, checkArguments: true, ...(listed ? { listed } : {}) });
    return;
  }
  await call(world, server, ms, choice.chance(0.5) ? { signal } : { onProgress: () => undefined });
}

/** A call whose caller gives up; after 0 ms is before it begins. */
async function cancelledCall(world: World, server: string, ms: number, afterMs: number): Promise<void> {
  const controller = new AbortController();
  if (afterMs === 0) controller.abort();
  const ended = new AbortController();
  const giveUp = delay(afterMs, undefined, { signal: ended.signal }).then(
    () => {
      controller.abort();
    },
    () => undefined,
  );
  await call(world, server, ms, { signal: controller.signal });
  ended.abort();
  await giveUp;
}
