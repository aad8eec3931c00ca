import { isObject, type Params } from '../../protocol/messages.js';

/** The gateway tells of changes itself: by a server's notification, a new filter, or a server that comes or goes. */
const LISTS: Readonly<Record<string, Params>> = {
  tools: { listChanged: true },
  resources: { listChanged: true },
  prompts: { listChanged: true },
};

/** A server of which nothing is known yet may turn out to have any of these. */
const UNKNOWN: Params = { ...LISTS, resources: { subscribe: true, listChanged: true } };

/** What a server's own capabilities become when it is reached through the gateway. @param own `undefined` while unknown */
export function throughGateway(own: Params | undefined): Params {
  if (!own) return UNKNOWN;
  const lists = Object.entries(LISTS).flatMap(([name, more]) => {
    const capability = own[name];
    return isObject(capability) ? [[name, { ...capability, ...more }]] : [];
  });
  return { ...own, ...(Object.fromEntries(lists) as Params) };
}

/** What all servers together can do, as far as they are known. */
export function together(all: readonly (Params | undefined)[]): Params {
  const has = (name: string): boolean => all.some((own) => isObject(own?.[name]));
  const tasks = all.map((own) => own?.tasks).find(isObject);
  return {
    ...UNKNOWN,
    ...(has('logging') ? { logging: {} } : {}),
    ...(has('completions') ? { completions: {} } : {}),
    ...(tasks ? { tasks } : {}),
  };
}
