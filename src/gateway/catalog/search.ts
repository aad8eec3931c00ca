import type { ServerId } from '../model/definition.js';
import type { ListedTool } from '../model/listing.js';
import { Slices } from '../../base/async/slices.js';
import { TurnScheduler } from '../../base/async/turnScheduler.js';
import { rank, type Field } from './ranking.js';

/** Characters; what comes later in a text is not found. Servers put whole manuals into descriptions. */
const MAX_DESCRIPTION = 300;
/** Of all descriptions of one server; of one with more tools the less of each is read, so that no server makes a search slow. */
const MAX_DESCRIPTIONS = 150_000;
const MAX_NAME = 128;
const MAX_QUERY = 1000;

/**
 * The tools that fit the query, best first, at most `limit`; equally good ones in listing order. Found by words of their
 * names, titles, descriptions and the titles of servers.
 */
export async function searchTools(
  tools: readonly ListedTool[],
  query: string,
  limit: number,
): Promise<ListedTool[]> {
  const wanted = wordsOf(query.slice(0, MAX_QUERY));
  if (wanted.length === 0) return [];
  const found = await rank(wanted, fieldsOf(tools), limit, new Slices(new TurnScheduler()));
  return found.flatMap((index) => tools[index] ?? []);
}

/**
 * As many tools as a request may hold: first those that fit the query, best first, then others, one of each server in
 * turn, in listing order. The same input gives the same answer.
 */
export async function selectTools(
  tools: readonly ListedTool[],
  query: string,
  limit: number,
): Promise<ListedTool[]> {
  const selected = new Set(await searchTools(tools, query, limit));
  const byServer = new Map<ServerId, ListedTool[]>();
  for (const entry of tools) {
    const ofServer = byServer.get(entry.server);
    if (ofServer) ofServer.push(entry);
    else byServer.set(entry.server, [entry]);
  }
  const servers = [...byServer.values()];
  const rounds = Math.max(0, ...servers.map((ofServer) => ofServer.length));
  for (let round = 0; round < rounds && selected.size < limit; round++)
    for (const ofServer of servers) {
      const next = ofServer[round];
      if (next && selected.size < limit) selected.add(next);
    }
  return [...selected];
}

/** What each tool is found by. */
function* fieldsOf(tools: readonly ListedTool[]): Iterable<readonly Field[]> {
  const counts = new Map<ServerId, number>();
  for (const { server } of tools) counts.set(server, (counts.get(server) ?? 0) + 1);
  for (const { server, serverTitle, tool } of tools) {
    const described = Math.min(MAX_DESCRIPTION, Math.floor(MAX_DESCRIPTIONS / (counts.get(server) ?? 1)));
    const name = wordsOf(tool.name.slice(0, MAX_NAME));
    const title = (tool.title ?? tool.annotations?.title ?? '').slice(0, MAX_NAME);
    const where = `${serverTitle.slice(0, MAX_NAME)} ${server.slice(0, MAX_NAME)}`;
    yield [
      // Also as one word, for whoever writes "readfile" and means read_file.
      { boost: 4, words: [...name, ...wordsOf(name.join(''))] },
      { boost: 3, words: wordsOf(title) },
      { boost: 1, words: wordsOf((tool.description ?? '').slice(0, described)) },
      { boost: 2, words: wordsOf(where) },
    ];
  }
}

/** Letters and digits, apart at everything else and where a capital letter begins a word. */
const wordsOf = (text: string): string[] =>
  text
    .replace(/(\p{Ll}|\d)(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$& ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
