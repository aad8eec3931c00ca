import { visible } from '../../base/text/visible.js';
import type { DisabledServer, ServerId } from '../model/definition.js';
import { limits } from './schema.js';

type Entry = Readonly<Record<string, unknown>>;

const isEntry = (raw: unknown): raw is Entry =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw);

/** `enabled` is what other clients call the opposite. */
export const isDisabled = (raw: unknown): boolean =>
  typeof raw === 'object' &&
  raw !== null &&
  ((Object.hasOwn(raw, 'disabled') && (raw as { disabled: unknown }).disabled === true) ||
    (Object.hasOwn(raw, 'enabled') && (raw as { enabled: unknown }).enabled === false));

/** What lists say of a server that is disabled, whatever else its entry holds. */
export function disabledServer(id: ServerId, raw: unknown): DisabledServer {
  const title = isEntry(raw) && typeof raw['title'] === 'string' ? raw['title'] : '';
  return { id, title: visible(title.slice(0, limits.titleLength).trim() || id, 'name') };
}

/**
 * The same servers with one of them enabled or disabled, whichever way its entry says so; nothing else is changed.
 * @param servers as in the settings
 * @returns `undefined` where there is no such entry
 */
export function withEnabled(servers: unknown, id: ServerId, enabled: boolean): Entry | undefined {
  if (!isEntry(servers) || !Object.hasOwn(servers, id)) return undefined;
  const entry = servers[id];
  if (!isEntry(entry)) return undefined;
  const { disabled: _, ...rest } = entry;
  const next = enabled
    ? Object.fromEntries(Object.entries(rest).filter(([key, value]) => key !== 'enabled' || value !== false))
    : { ...entry, disabled: true };
  return { ...servers, [id]: next };
}
