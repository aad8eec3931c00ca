import { closest, distance } from 'fastest-levenshtein';

/** Fields of other programs' server entries that mean nothing here and do no harm. */
export const foreignFields = [
  'gallery',
  'version',
  'dev',
  'sandbox',
  'sandboxEnabled',
  'oauth',
  'oauthClientId',
  'transport',
  'autoApprove',
  'alwaysAllow',
  'trust',
  'description',
  'icon',
] as const;

/** Names that other programs give to what is called otherwise here. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['serverUrl', 'url'],
  ['httpUrl', 'url'],
  ['environment', 'env'],
  ['arguments', 'args'],
  ['name', 'title'],
  ['timeout', 'timeouts.callMs'],
  ['includeTools', 'tools.include'],
  ['excludeTools', 'tools.exclude'],
  ['disabledTools', 'tools.exclude'],
]);

/** The field that was probably meant by an unknown one, or `undefined`. */
export function nearestField(unknown: string, known: readonly string[]): string | undefined {
  const other = renamed.get(unknown);
  if (other !== undefined) return other;
  // The distance costs time by length, and nothing so long is a slip of the keyboard.
  if (unknown.length > 30) return undefined;
  const nearest = closest(
    unknown.toLowerCase(),
    known.map((field) => field.toLowerCase()),
  );
  const field = known.find((name) => name.toLowerCase() === nearest);
  return field !== undefined && distance(unknown.toLowerCase(), nearest) <= 3 ? field : undefined;
}
