import { distance } from 'fastest-levenshtein';

const MAX_LENGTH = 128;
const MAX_CANDIDATES = 20_000;
/** Of the longer text: how much may differ for two names to be near. */
const MAX_DIFFERENCE = 0.5;
/** A shorter name is part of too many others to mean anything. */
const MIN_PART = 3;

/**
 * The candidates that someone who wrote `name` may have meant, best first: those that hold it (a tool's own name
 * without its server's) or are held by it, then those that are spelled alike. Letter case does not count.
 *
 * @returns at most `max`, none when nothing is near
 */
export function nearestNames(name: string, candidates: readonly string[], max = 3): readonly string[] {
  const wanted = comparable(name);
  if (wanted === '') return [];
  return candidates
    .slice(0, MAX_CANDIDATES)
    .map((candidate) => ({ candidate, difference: difference(wanted, comparable(candidate)) }))
    .filter((entry) => entry.difference <= MAX_DIFFERENCE)
    .sort((a, b) => a.difference - b.difference)
    .slice(0, max)
    .map((entry) => entry.candidate);
}

const comparable = (name: string): string => name.slice(0, MAX_LENGTH).toLowerCase();

/** Below 0 for names of which one holds the other, else the share of characters that differ. */
function difference(wanted: string, candidate: string): number {
  const [shorter, longer] = wanted.length < candidate.length ? [wanted, candidate] : [candidate, wanted];
  if (shorter.length >= MIN_PART && longer.includes(shorter)) return -1 - shorter.length / longer.length;
  // Of a public name, the part after the server's name may be what was meant.
  const ownName = candidate.slice(candidate.indexOf('__') + 1).replace(/^_/, '');
  return Math.min(spelling(wanted, candidate), spelling(wanted, ownName));
}

const spelling = (a: string, b: string): number => distance(a, b) / Math.max(a.length, b.length, 1);
