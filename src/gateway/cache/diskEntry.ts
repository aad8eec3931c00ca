import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Catalog, StoredCatalog } from '../model/catalog.js';
import type { ServerId } from '../model/definition.js';
import { Slices } from '../../base/async/slices.js';
import { TurnScheduler } from '../../base/async/turnScheduler.js';
import { asCatalog, catalogOf } from './catalogShape.js';

const FORMAT = 1;
const NEWLINE = 10;

const anyFormat = z.looseObject({ format: z.number() });
const ownFormat = z.object({
  format: z.literal(FORMAT),
  server: z.string(),
  fingerprint: z.string(),
  /** Milliseconds since 1970. */
  savedAt: z.number(),
  /** Milliseconds that the server's start took. */
  startMs: z.number().optional(),
  /** Of the body. */
  bytes: z.number(),
  /** Over the header's other fields and the body, so that no change of either goes unseen. */
  sha256: z.string(),
});
type Header = z.infer<typeof ownFormat>;

/** A file of the cache that is whole, its catalog not yet parsed. */
export interface WholeEntry {
  readonly header: Header;
  readonly body: Buffer;
}

/** Why a file of the cache is not used: `newer` and `foreign` are somebody else's, `corrupt` is ours. */
export interface UnusableEntry {
  readonly fault: 'newer' | 'foreign' | 'corrupt';
  readonly reason: string;
}

/**
 * One file of the cache: a line of JSON about it, then the catalog as JSON.
 * @returns `undefined` when the catalog alone takes more than `maxBytes`
 */
export async function encodeEntry(
  server: ServerId,
  { fingerprint, catalog, startMs }: StoredCatalog,
  savedAt: number,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const text = await catalogText(catalog, maxBytes);
  if (text === undefined) return undefined;
  const body = Buffer.from(text);
  const unsigned = {
    format: FORMAT,
    server,
    fingerprint,
    savedAt,
    ...(startMs === undefined ? {} : { startMs }),
    bytes: body.length,
  } as const;
  const header: Header = { ...unsigned, sha256: await digest(unsigned, body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/** Item by item: a catalog may have far more than a file, and to write all of it at once would stop everything else. */
async function catalogText(catalog: Catalog, maxBytes: number): Promise<string | undefined> {
  const slices = new Slices(new TurnScheduler());
  const members: string[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(catalogOf(catalog)) as [string, unknown][]) {
    if (value === undefined) continue;
    const parts: string[] = [];
    for (const part of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (slices.over) await slices.next();
      const json = JSON.stringify(part);
      bytes += Buffer.byteLength(json);
      if (bytes > maxBytes) return undefined;
      parts.push(json);
    }
    members.push(`"${name}":${Array.isArray(value) ? `[${parts.join(',')}]` : parts.join('')}`);
  }
  return `{${members.join(',')}}`;
}

/** Tells a whole file of this format from everything else; never throws. */
export async function decodeEntry(file: Buffer): Promise<WholeEntry | UnusableEntry> {
  const end = file.indexOf(NEWLINE);
  const line = end === -1 ? undefined : parseJson(file.subarray(0, end));
  const { data: claimed } = anyFormat.safeParse(line);
  if (!claimed) return { fault: 'foreign', reason: 'it is not a catalog of this extension' };
  if (claimed.format > FORMAT)
    return { fault: 'newer', reason: 'it was written by a newer version of this extension' };
  const { data: header } = ownFormat.safeParse(line);
  if (!header) return { fault: 'corrupt', reason: 'its header is damaged' };
  const body = file.subarray(end + 1);
  if (body.length !== header.bytes) return { fault: 'corrupt', reason: 'it is not complete' };
  if ((await digest(header, body)) !== header.sha256)
    return { fault: 'corrupt', reason: 'its checksum is wrong' };
  return { header, body };
}

/** The catalog of a whole entry; `undefined` when it is not one after all. */
export async function parseEntry({ header, body }: WholeEntry): Promise<StoredCatalog | undefined> {
  // Each of these steps takes some ten milliseconds for the largest files: others may have their turn in between.
  const json = parseJson(body);
  await setImmediate();
  const catalog = await asCatalog(json);
  const { fingerprint, startMs } = header;
  return catalog && { fingerprint, catalog, ...(startMs === undefined ? {} : { startMs }) };
}

/** By WebCrypto, which works in the thread pool and not on the event loop. */
async function digest(header: Omit<Header, 'sha256'>, body: Buffer): Promise<string> {
  const { format, server, fingerprint, savedAt, startMs, bytes } = header;
  const own = [format, server, fingerprint, savedAt, bytes, ...(startMs === undefined ? [] : [startMs])];
  const fields = Buffer.from(`${JSON.stringify(own)}\n`);
  const hash = await crypto.subtle.digest('SHA-256', Buffer.concat([fields, body]));
  return Buffer.from(hash).toString('hex');
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
