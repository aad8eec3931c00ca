import MiniSearch from 'minisearch';
import type { ServerId } from '../model/definition.js';
import type { ListedTool } from '../model/listing.js';

/** Characters; what comes later in a text is not found. Servers put whole manuals into descriptions. */
const MAX_DESCRIPTION = 300;
/** Of all descriptions of one server; of one with more tools the less of each is read, so that no server makes a search slow. */
const MAX_DESCRIPTIONS = 150_000;
const MAX_NAME = 128;
const MAX_QUERY = 1000;
/** A shorter word is not taken for the beginning of another one. */
const MIN_PREFIX = 3;
/** A shorter word is not taken for a misspelled one. */
const MIN_FUZZY = 5;

/** Finds tools by words. */
export interface ToolSearch {
  /** The tools that fit the query, best first, at most `limit`; equally good ones in listing order. */
  search(query: string, limit: number): ListedTool[];
}

/** Makes an index over names, titles, descriptions and the titles of servers. */
export function createToolSearch(tools: readonly ListedTool[]): ToolSearch {
  const counts = new Map<ServerId, number>();
  for (const { server } of tools) counts.set(server, (counts.get(server) ?? 0) + 1);
  const described = ({ server }: ListedTool): number =>
    Math.min(MAX_DESCRIPTION, Math.floor(MAX_DESCRIPTIONS / (counts.get(server) ?? 1)));
  const index = new MiniSearch<{ id: number; entry: ListedTool }>({
    fields: ['name', 'title', 'description', 'server'],
    extractField: ({ id, entry }, field) => (field === 'id' ? id : fieldOf(entry, field, described(entry))),
    tokenize: words,
    searchOptions: {
      boost: { name: 4, title: 3, server: 2 },
      prefix: (word) => word.length >= MIN_PREFIX,
      fuzzy: (word) => (word.length >= MIN_FUZZY ? 0.2 : false),
    },
  });
  index.addAll(tools.map((entry, id) => ({ id, entry })));
  return {
    search: (query, limit) =>
      index
        .search(query.slice(0, MAX_QUERY))
        .map(({ id, score }) => ({ id: id as number, score }))
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, limit)
        .flatMap(({ id }) => tools[id] ?? []),
  };
}

/**
 * As many tools as a request may hold: first those that fit the query, best first, then others, one of each server in
 * turn, in listing order. The same input gives the same answer.
 */
export function selectTools(tools: readonly ListedTool[], query: string, limit: number): ListedTool[] {
  const selected = new Set(createToolSearch(tools).search(query, limit));
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

/** @param described characters of the description that are read */
function fieldOf({ server, serverTitle, tool }: ListedTool, field: string, described: number): string {
  switch (field) {
    case 'name': {
      const name = tool.name.slice(0, MAX_NAME);
      // Also as one word, for whoever writes "readfile" and means read_file.
      return `${name} ${words(name).join('')}`;
    }
    case 'title':
      return (tool.title ?? tool.annotations?.title ?? '').slice(0, MAX_NAME);
    case 'server':
      return `${serverTitle.slice(0, MAX_NAME)} ${server.slice(0, MAX_NAME)}`;
    default:
      return (tool.description ?? '').slice(0, described);
  }
}

/** Letters and digits, apart at everything else and where a capital letter begins a word. */
const words = (text: string): string[] =>
  text
    .replace(/(\p{Ll}|\d)(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$& ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
