import { spawn, type ChildProcess } from 'node:child_process';
import type { Tuning } from '../model/tuning.js';
import type { GatewayPorts } from '../ports.js';
import type { Turns } from '../util/turns.js';

/** What servers need from their host: the gateway's ports and times, and what all their processes share. */
export interface UpstreamHost extends GatewayPorts {
  readonly guardian: Guardian;
  /** Starting a process stops the event loop until the system has it; several at once would stop it for seconds. */
  readonly spawning: Turns;
  readonly tuning: Tuning;
  /** Milliseconds without a request after which a stdio server is stopped; 0: never. As the settings are now. */
  readonly idleStopMs: () => number;
}

/**
 * Reads `+ <group>` and `- <group>` until its input ends, which it does when the host is gone, however it went; then
 * ends the groups that are left. A shell, because it waits in one megabyte where Node takes forty.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
for turn in 1 2 3; do
  alive=''
  for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && alive=1; done
  [ -z "$alive" ] && exit 0
  sleep 0.2
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`;

/**
 * Outlives the host for a moment to end what the host could not: a host that is killed runs no code of its own
 * (invariant NoOrphans). One small process for all servers, started with the first. On Windows there is none: there a
 * server sees its input end, and what ignores that stays.
 */
export class Guardian {
  #process: ChildProcess | undefined;

  /** From now on the process group ends with the host, at the latest. */
  watch(group: number): void {
    if (process.platform === 'win32') return;
    this.#process ??= this.#start();
    this.#process.stdin?.write(`+ ${group}\n`);
  }

  /** The group has ended; its number may soon be somebody else's. */
  release(group: number): void {
    this.#process?.stdin?.write(`- ${group}\n`);
  }

  /** Ends the guardian, and with it whatever is still watched. */
  dispose(): void {
    this.#process?.stdin?.end();
    this.#process = undefined;
  }

  #start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Out of the host's process group, so that what ends the host does not end it too.
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    // Without a guardian everything works; only the host's own sudden death then leaves more behind.
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    return child;
  }
}
