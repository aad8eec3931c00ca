import { spawn, type ChildProcess } from 'node:child_process';
import type { Logger } from '../../ports.js';
import { liveGroups } from './processTable.js';

/**
 * Reads `+ <group>`, `- <group>` and `! <group>` until its input ends, which it does when the host is gone, however it
 * went; then ends the groups that are left. `!` kills a group together with what has left it and still hangs on it by its
 * parents. A shell, because it waits in one megabyte where Node takes forty.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
processes() {
  [ -r /proc/self/stat ] || { ps -A -o pid= -o ppid= -o pgid=; return; }
  for stat in /proc/[0-9]*/stat; do
    read -r line < "$stat" || continue
    pid=\${stat#/proc/}
    set -- \${line##*) }
    echo "\${pid%/stat} $2 $3"
  done 2>/dev/null
}
uproot() {
  all=$(processes)
  tree=' '
  before=
  while [ "$tree" != "$before" ]; do
    before=$tree
    while read -r pid parent own; do
      case $tree in *" $pid "*) continue ;; esac
      [ "$own" = "$1" ] && tree="$tree$pid " && continue
      case $tree in *" $parent "*) tree="$tree$pid " ;; esac
    done <<ALL
$all
ALL
  done
  kill -s KILL -- "-$1" $tree 2>/dev/null
}
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    !) uproot "$group" ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
for turn in 1 2 3; do
  alive=
  for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && alive="$alive $group"; done
  [ -z "$alive" ] && exit 0
  sleep 0.2
done
for group in $alive; do uproot "$group"; done
`;

/** How often it is started again by itself. */
const MAX_RESTARTS = 5;

/**
 * Outlives the host for a moment to end what the host could not: a host that is killed runs no code of its own
 * (invariant NoOrphans). One small process for all servers, started with the first. On Windows there is none: there a
 * server sees its input end, and what ignores that stays.
 */
export class Guardian {
  #process: ChildProcess | undefined;
  /** What has to end with the host. */
  readonly #groups = new Set<number>();
  #restarts = 0;
  #reading: ReturnType<typeof liveGroups> | undefined;
  #next: ReturnType<typeof liveGroups> | undefined;

  /** @param readGroups how the live process groups are read @param logger told when it ends by itself */
  constructor(
    private readonly readGroups: typeof liveGroups = liveGroups,
    private readonly logger?: Pick<Logger, 'warn'>,
  ) {}

  /** Its process id, while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it, if it does not run yet. @returns whether it was started just now */
  begin(): boolean {
    if (process.platform === 'win32' || this.#process) return false;
    this.#process = this.#start();
    return true;
  }

  /** From now on the process group ends with the host, at the latest. */
  watch(group: number): void {
    this.#groups.add(group);
    // A fresh one is told of all.
    if (!this.begin()) this.#process?.stdin?.write(`+ ${group}\n`);
  }

  /** As `liveGroups`; one reading serves all who ask before it begins, and begins after the one before. */
  liveGroups(): ReturnType<typeof liveGroups> {
    this.#next ??= this.#readNext();
    return this.#next;
  }

  async #readNext(): ReturnType<typeof liveGroups> {
    // What it has begun to read may miss what was spawned meanwhile by a process that has ended since.
    await this.#reading;
    this.#next = undefined;
    this.#reading = this.readGroups();
    return this.#reading;
  }

  /** Kills the group, and what has left it. */
  uproot(group: number): void {
    this.#process?.stdin?.write(`! ${group}\n`);
  }

  /** The group has ended; its number may soon be somebody else's. */
  release(group: number): void {
    this.#groups.delete(group);
    this.#process?.stdin?.write(`- ${group}\n`);
  }

  /** Ends the guardian, and with it whatever is still watched. */
  dispose(): void {
    const child = this.#process;
    this.#process = undefined;
    child?.stdin?.end();
  }

  /** Somebody ended it, or the system did; what it watched must not be left without one. */
  #ended(child: ChildProcess): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    const what = 'The process that ends the servers when this program is killed has itself ended';
    if (this.#restarts >= MAX_RESTARTS) {
      this.logger?.warn(`${what} once more; it is started again with the next server.`);
      return;
    }
    this.#restarts++;
    this.logger?.warn(`${what}; it is started again.`);
    this.begin();
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
    child.once('exit', () => {
      this.#ended(child);
    });
    for (const group of this.#groups) child.stdin.write(`+ ${group}\n`);
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    return child;
  }
}
