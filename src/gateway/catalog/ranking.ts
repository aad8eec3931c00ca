import { distance } from 'fastest-levenshtein';
import type { Slices } from '../../base/async/slices.js';

/** A shorter word is not taken for the beginning of another one. */
const MIN_PREFIX = 3;
/** A shorter word is not taken for a misspelled one. */
const MIN_FUZZY = 5;
/** Mistakes that a word may have, per character and at most. */
const MISTAKES = 0.2;
const MAX_MISTAKES = 6;
/** What a word counts that only begins with the one of the query, or is a misspelled one. */
const PREFIX_WEIGHT = 0.375;
const FUZZY_WEIGHT = 0.45;
/** How much each further character of a word takes from that, where it only begins alike. */
const PREFIX_DECAY = 0.3;
/** The parameters of BM25+ (Lv and Zhai, 2011). */
const [K, B, DELTA] = [1.2, 0.7, 0.5];
/** Words that are known to fit nothing; beyond them a word is looked at anew each time. */
const MAX_UNFIT = 50_000;

/** A part of a document that is ranked. */
export interface Field {
  /** As they are written, in any letter case. */
  readonly words: readonly string[];
  /** What a word in it counts, compared with one in another field. */
  readonly boost: number;
}

/** One word of the query. */
interface Term {
  readonly text: string;
  readonly letters: number;
  readonly maxMistakes: number;
  /** The words of the documents that fit it: as well as `weight` says. */
  readonly found: { readonly weight: number; readonly places: Places }[];
}

/** Where a word is, by field: a document, how often it has it there, the next document. */
type Places = Map<number, number[]>;

/**
 * Ranks documents by how well they fit a query: BM25+ over several fields, with beginnings of words and misspelled words,
 * as the library MiniSearch does it. That one makes an index of all words first, which takes seconds; for one query only
 * its own words are looked for, and others have their turns meanwhile.
 * @param query its words
 * @param documents all with the same fields
 * @returns the positions of those that fit, best first, at most `limit`; equally good ones in their order
 */
export async function rank(
  query: readonly string[],
  documents: Iterable<readonly Field[]>,
  limit: number,
  slices: Slices,
): Promise<readonly number[]> {
  const words = query.map((word) => word.toLowerCase());
  const terms = [...new Set(words)].map(termOf);
  const sizes = await findAll(terms, documents, slices);
  const count = sizes[0]?.lengths.length ?? 0;
  const sums = new Map<string, Float64Array>();
  const fitting = new Float64Array(count);
  for (const term of terms) {
    if (term.found.length === 0) continue;
    const scores = await scoresOf(term, count, sizes, slices);
    sums.set(term.text, scores);
    add(fitting, scores.map(Math.sign));
  }
  const totals = new Float64Array(count);
  // A word that the query has twice counts twice.
  for (const word of words) {
    if (slices.over) await slices.next();
    add(totals, sums.get(word) ?? []);
  }
  // The more of its words, the better.
  return best(
    totals.map((total, document) => total * (fitting[document] ?? 0)),
    limit,
  );
}

function add(to: Float64Array, what: ArrayLike<number>): void {
  for (let at = 0; at < what.length; at++) to[at] = (to[at] ?? 0) + (what[at] ?? 0);
}

/** Where the largest numbers are, as far as they are more than nothing. */
function best(numbers: Float64Array, limit: number): readonly number[] {
  const found: number[] = [];
  const at = (index: number | undefined): number => numbers[index ?? -1] ?? 0;
  for (const [index, number] of numbers.entries()) {
    if (number <= (found.length < limit ? 0 : at(found.at(-1)))) continue;
    let place = found.length;
    while (place > 0 && at(found[place - 1]) < number) place--;
    found.splice(place, 0, index);
    if (found.length > limit) found.pop();
  }
  return found;
}

const termOf = (text: string): Term => ({
  text,
  letters: lettersOf(text),
  maxMistakes: text.length < MIN_FUZZY ? 0 : Math.min(MAX_MISTAKES, Math.round(text.length * MISTAKES)),
  found: [],
});

/** How many different words the documents have in one field. */
interface Sizes {
  readonly boost: number;
  readonly lengths: number[];
  average: number;
}

async function findAll(
  terms: readonly Term[],
  documents: Iterable<readonly Field[]>,
  slices: Slices,
): Promise<readonly Sizes[]> {
  const finder = new Finder(terms);
  const sizes: Sizes[] = [];
  let document = 0;
  for (const fields of documents) {
    if (slices.over) await slices.next();
    for (const [field, { words, boost }] of fields.entries()) {
      for (const word of words) finder.look(word.toLowerCase(), document, field);
      const size = (sizes[field] ??= { boost, lengths: [], average: 0 });
      const length = new Set(words).size;
      size.average = (size.average * document + length) / (document + 1);
      size.lengths.push(length);
    }
    document++;
  }
  return sizes;
}

/** Looks for the words of a query. */
class Finder {
  /** `undefined`: a word that fits nothing. */
  readonly #known = new Map<string, Places | undefined>();
  #unfit = 0;

  constructor(private readonly terms: readonly Term[]) {}

  /** Takes note of a word, in lower case, if it fits the query. Documents come one after the other. */
  look(word: string, document: number, field: number): void {
    let places = this.#known.get(word);
    if (!places) {
      if (this.#known.has(word)) return;
      places = this.#placesOf(word);
      if (places || this.#unfit++ < MAX_UNFIT) this.#known.set(word, places);
      if (!places) return;
    }
    const last = places.get(field);
    if (!last) places.set(field, [document, 1]);
    else if (last.at(-2) !== document) last.push(document, 1);
    else last.push((last.pop() ?? 0) + 1);
  }

  #placesOf(word: string): Places | undefined {
    const letters = lettersOf(word);
    let places: Places | undefined;
    for (const term of this.terms) {
      const weight = weightOf(word, letters, term);
      if (weight === 0) continue;
      places ??= new Map();
      if (weight === 1) term.found.unshift({ weight, places });
      else term.found.push({ weight, places });
    }
    return places;
  }
}

/** How well a word fits a term: from 1, which is that word, to 0. */
function weightOf(word: string, letters: number, { text, letters: own, maxMistakes }: Term): number {
  if (word === text) return 1;
  const more = word.length - text.length;
  if (more > 0 && text.length >= MIN_PREFIX && word.startsWith(text))
    return (PREFIX_WEIGHT * word.length) / (word.length + PREFIX_DECAY * more);
  // A mistake changes two letters at most; to count them costs much less than to count mistakes.
  if (Math.abs(more) > maxMistakes || bitsOf(letters ^ own) > 2 * maxMistakes) return 0;
  const mistakes = distance(word, text);
  return mistakes > maxMistakes ? 0 : (FUZZY_WEIGHT * word.length) / (word.length + mistakes);
}

/** Which letters a word has, as bits; some share one. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let at = 0; at < word.length; at++) letters |= 1 << (word.charCodeAt(at) & 31);
  return letters;
}

function bitsOf(value: number): number {
  let bits = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}

/** How well each document fits one word of the query. */
async function scoresOf(
  term: Term,
  count: number,
  sizes: readonly Sizes[],
  slices: Slices,
): Promise<Float64Array> {
  const scores = new Float64Array(count);
  for (const { weight, places } of term.found)
    for (const [field, { boost, lengths, average }] of sizes.entries()) {
      if (slices.over) await slices.next();
      const list = places.get(field) ?? [];
      const matching = list.length / 2;
      const rarity = Math.log(1 + (count - matching + 0.5) / (matching + 0.5));
      for (let at = 0; at < list.length; at += 2) {
        const [document, often] = [list[at] ?? 0, list[at + 1] ?? 0];
        const length = (lengths[document] ?? 0) / average;
        const score = rarity * (DELTA + (often * (K + 1)) / (often + K * (1 - B + B * length)));
        scores[document] = (scores[document] ?? 0) + weight * boost * score;
      }
    }
  return scores;
}
