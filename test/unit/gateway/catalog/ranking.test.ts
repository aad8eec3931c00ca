import assert from 'node:assert/strict';
import fc from 'fast-check';
import MiniSearch from 'minisearch';
import { rank } from '../../../../src/gateway/catalog/ranking.js';
import { Slices } from '../../../../src/base/async/slices.js';
import { TurnScheduler } from '../../../../src/base/async/turnScheduler.js';

type Texts = Readonly<Record<'title' | 'body', string>>;

const BOOST = { title: 4, body: 1 };
const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** What MiniSearch gives the documents that fit, by their positions. */
function expected(query: string, documents: readonly Texts[]): Map<number, number> {
  const index = new MiniSearch({
    fields: ['title', 'body'],
    tokenize: words,
    searchOptions: {
      boost: BOOST,
      prefix: (word) => word.length >= 3,
      fuzzy: (word) => (word.length >= 5 ? 0.2 : false),
    },
  });
  index.addAll(documents.map((document, id) => ({ ...document, id })));
  return new Map(index.search(query).map(({ id, score }) => [id as number, score]));
}

const ranked = (
  query: string,
  documents: readonly Texts[],
  limit = documents.length,
): Promise<readonly number[]> =>
  rank(
    words(query),
    documents.map(({ title, body }) => [
      { boost: BOOST.title, words: words(title) },
      { boost: BOOST.body, words: words(body) },
    ]),
    limit,
    new Slices(new TurnScheduler()),
  );

describe('rank', () => {
  // Few letters, so that words begin alike, and differ by little.
  const word = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', 'B', '\u00e9'), minLength: 1, maxLength: 14 }),
    fc.constantFrom(
      'read',
      'readFile',
      'reads',
      'directory',
      'directories',
      'direktory',
      'write',
      'wriqe',
      'toString',
    ),
  );
  const text = fc.array(word, { maxLength: 8 }).map((all) => all.join(' '));

  it('ranks as MiniSearch does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ title: text, body: text }), { maxLength: 12 }),
        text,
        async (documents, query) => {
          const scores = expected(query, documents);
          const found = await ranked(query, documents);
          assert.deepEqual([...found].sort(), [...scores.keys()].sort());
          for (const [place, document] of found.slice(1).entries()) {
            const [better, score] = [scores.get(found[place]!)!, scores.get(document)!];
            // The order in which fractions are added up may differ.
            assert.ok(better > score * (1 - 1e-9), `${better} before ${score}`);
          }
          const limit = Math.floor(found.length / 2);
          assert.deepEqual(await ranked(query, documents, limit), found.slice(0, limit));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
