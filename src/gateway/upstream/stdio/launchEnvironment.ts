import { pathsOf } from '../../../base/pathsOf.js';
import type { ServerDefinition, StdioLaunch } from '../../model/definition.js';
import { inheritedBy, isSafeVariable, variableKey } from '../../model/inheritedEnv.js';

/**
 * VS Code keeps the inherited PATH beside the one that a server's entry sets, Claude Desktop replaces it; entries of both
 * find what they look for when the entry's own comes first. A folder that is in both is there once.
 */
function joinPaths(own: string, inherited: string | undefined, platform: NodeJS.Platform): string {
  const { delimiter } = pathsOf(platform);
  const identity = (folder: string): string => variableKey(folder, platform).replace(/(?<=.)[/\\]$/, '');
  const folders = own.split(delimiter);
  const known = new Set(folders.map(identity));
  const more = inherited?.split(delimiter).filter((folder) => !known.has(identity(folder))) ?? [];
  return [...folders, ...more].join(delimiter);
}

/**
 * A server's environment: what its entry sets, on top of what it inherits of the host's.
 * @param platform the one that runs, but for tests
 */
export function launchEnvironment(
  { env: own, inheritEnv }: Pick<StdioLaunch, 'env' | 'inheritEnv'>,
  host: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const inherits = inheritedBy(inheritEnv ?? 'all', platform);
  const env: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(host).filter(([name]) => inherits(name)));
  for (const [name, value] of Object.entries(own)) {
    // On Windows a second spelling would leave the old value in force.
    const present =
      platform === 'win32'
        ? Object.keys(env).find((key) => variableKey(key, platform) === variableKey(name, platform))
        : undefined;
    const before = env[present ?? name];
    if (present !== undefined && present !== name) Reflect.deleteProperty(env, present);
    if (value === null) Reflect.deleteProperty(env, name);
    else env[name] = name.toUpperCase() === 'PATH' ? joinPaths(value, before, platform) : value;
  }
  return env;
}

/**
 * The launch of a server without the variables of the host that only other servers' settings name: a token that is there
 * for one of them is no business of the rest.
 * @param named variables that the settings of any server name
 * @param host the host's environment
 * @returns the launch, and the names of what it would have inherited
 */
export function withholdOthers(
  { launch, envNames = [] }: Pick<ServerDefinition, 'launch' | 'envNames'>,
  named: readonly string[],
  host: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): { readonly launch: ServerDefinition['launch']; readonly withheld: readonly string[] } {
  if (launch.type !== 'stdio') return { launch, withheld: [] };
  const key = (name: string): string => variableKey(name, platform);
  const inherits = inheritedBy(launch.inheritEnv ?? 'all', platform);
  const own = new Set([...envNames, ...Object.keys(launch.env)].map(key));
  const others = new Set(named.filter((name) => !isSafeVariable(name) && !own.has(key(name))).map(key));
  const withheld = Object.keys(host).filter((name) => others.has(key(name)) && inherits(name));
  const removed = Object.fromEntries(withheld.map((name) => [name, null]));
  return { launch: { ...launch, env: { ...removed, ...launch.env } }, withheld };
}
