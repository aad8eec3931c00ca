import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttachedClient } from '../../src/gateway/api.js';
import { isGatewayError } from '../../src/gateway/model/errors.js';
import type { ServerAsks } from '../../src/gateway/model/client.js';
import { BOMBS } from '../support/hostileSchemas.js';
import { random, type Random } from './random.js';
import type { World } from './world.js';

const REST_MS = 500;
/** Nearly as large as an answer may be. */
const GIANT_BYTES = 15 * 1024 * 1024;
/** As many of one server's questions may be open at the same time. */
const MAX_OPEN = 4;

const publicName = (bomb: string): string => bomb.replaceAll(' ', '-');

/** Writes the schemas of the hostile server, each as one that was never seen before. */
export async function writeBombs(path: string): Promise<void> {
  const $comment = randomUUID();
  const bombs = Object.entries(BOMBS).map(([name, { schema }]) => ({
    name: publicName(name),
    inputSchema: { type: 'object', ...schema, $comment },
  }));
  const temporary = `${path}.new`;
  await writeFile(temporary, JSON.stringify([...bombs, 'reload']));
  await rename(temporary, path);
}

/** Falls for all that the hostile servers do, again and again, and looks at what comes of it. */
export function startHostiles(world: World): void {
  const { gateway, journal, pace, seed } = world;
  const choice = random(seed, 'hostiles');
  const asked = new Asked(world, choice);
  // For as long as the gateway: it goes with it.
  gateway.attach(asked);
  const deeds: Readonly<Record<string, () => Promise<void>>> = {
    bombs: async () => {
      const [name, { args }] = choice.pick(Object.entries(BOMBS));
      await gateway.callTool(`bombs__${publicName(name)}`, args, { checkArguments: true });
      await writeBombs(world.bombsFile);
      await gateway.callTool('bombs__reload', {});
    },
    giant: async () => {
      const { content } = await gateway.callTool('giant__big', { bytes: GIANT_BYTES });
      const { length } = String(content[0]?.text);
      if (length !== GIANT_BYTES) journal.problem(`a giant answer has ${length} characters`);
    },
    storm: async () => {
      await gateway.callTool('storm__nonce', {}, { client: asked });
    },
  };
  const step = async (): Promise<void> => {
    const what = choice.pick(Object.keys(deeds));
    const startedAt = performance.now();
    try {
      await deeds[what]!();
      journal.count(`hostile: ${what}`);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      journal.count(`hostile: ${what} ${error.code}`);
    } finally {
      journal.most(`slowest ${what}`, performance.now() - startedAt);
    }
  };
  pace.actor(
    'hostiles',
    () => choice.between(0, REST_MS),
    step,
    (error) => {
      if (!pace.stopping) journal.problem(`hostiles: ${String(error)}`);
    },
  );
}

/** Somebody who is asked, thinks for a while and says no. */
class Asked implements AttachedClient {
  readonly key = 'asked';
  readonly capabilities = { elicitation: {} };
  #open = 0;

  constructor(
    private readonly world: World,
    private readonly choice: Random,
  ) {}

  sees(): boolean {
    return true;
  }

  reachable(): boolean {
    return true;
  }

  ownsTask(): boolean {
    return false;
  }

  answers({ method }: Pick<ServerAsks, 'method'>): boolean {
    return method === 'elicitation/create';
  }

  async answer({ signal }: ServerAsks): Promise<Record<string, unknown>> {
    const { journal } = this.world;
    journal.count('questions');
    journal.most('questions at once', ++this.#open);
    if (this.#open > MAX_OPEN) journal.problem(`${this.#open} questions of one server are open at once`);
    await delay(this.choice.between(0, 50), undefined, { signal }).catch(() => undefined);
    this.#open--;
    return { action: 'decline' };
  }

  notified(): void {
    // Nothing that it hears matters.
  }
}
