import { delimiter } from 'node:path';
import type { StdioLaunch } from '../model/definition.js';

/**
 * VS Code keeps the inherited PATH beside the one that a server's entry sets, Claude Desktop replaces it; entries of both
 * find what they look for when the entry's own comes first.
 */
const joinPaths = (own: string, inherited: string | undefined): string =>
  inherited === undefined || own.includes(inherited) ? own : `${own}${delimiter}${inherited}`;

/** A server's environment: what its entry sets, on top of what it inherits. */
export function launchEnvironment(
  own: StdioLaunch['env'],
  inherited: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...inherited };
  for (const [name, value] of Object.entries(own)) {
    // Windows' names ignore case; a second spelling would leave the old value in force.
    const present =
      process.platform === 'win32'
        ? Object.keys(env).find((key) => key.toLowerCase() === name.toLowerCase())
        : undefined;
    const before = env[present ?? name];
    if (present !== undefined && present !== name) Reflect.deleteProperty(env, present);
    if (value === null) Reflect.deleteProperty(env, name);
    else env[name] = name.toUpperCase() === 'PATH' ? joinPaths(value, before) : value;
  }
  return env;
}
