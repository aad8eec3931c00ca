import type { IncomingHttpHeaders } from 'node:http';
import { REFUSED, Refusal } from './refusal.js';

/** In which shapes a client takes an answer. */
export interface Accepts {
  readonly json: boolean;
  readonly events: boolean;
}

const JSON_TYPE = 'application/json';

/** What clients of MCP send, in either order, so that it is not taken apart with each request. */
const COMMON: readonly string[] = [
  'application/json, text/event-stream',
  'text/event-stream, application/json',
];

/** What `Accept` allows; without the header everything. @throws Refusal 406 when that is nothing */
export function readAccept({ accept = '*/*' }: IncomingHttpHeaders): Accepts {
  if (COMMON.includes(accept)) return { json: true, events: true };
  const ranges = accept.split(',').map(readRange);
  const accepts = {
    json: allows(ranges, JSON_TYPE),
    events: allows(ranges, 'text/event-stream'),
  };
  if (!accepts.json && !accepts.events)
    throw new Refusal(
      406,
      REFUSED,
      'The header Accept must name application/json and text/event-stream, in which answers come.',
    );
  return accepts;
}

/** @throws Refusal 406 */
export function needsEvents(accepts: Accepts): void {
  if (!accepts.events)
    throw new Refusal(406, REFUSED, 'The header Accept must name text/event-stream, in which messages come.');
}

/** @throws Refusal 415 for anything but plain JSON in UTF-8 */
export function checkContentType(headers: IncomingHttpHeaders): void {
  const { 'content-type': given = '', 'content-encoding': encoding } = headers;
  if (given === JSON_TYPE && encoding === undefined) return;
  const [type = '', ...parameters] = given.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  const plain = ['', 'identity'].includes((encoding ?? '').toLowerCase());
  if (type.trim() !== JSON_TYPE || !/^(?:charset="?utf-?8"?)?$/.test(charset ?? '') || !plain)
    throw new Refusal(415, REFUSED, 'A message must be sent as application/json, in UTF-8 and uncompressed.');
}

interface Range {
  readonly type: string;
  readonly refused: boolean;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.toLowerCase().split(';');
  return { type: type.trim(), refused: parameters.some((part) => /^\s*q\s*=\s*0(?:\.0*)?\s*$/.test(part)) };
}

/** The most specific range decides (RFC 9110, 12.5.1). */
function allows(ranges: readonly Range[], type: string): boolean {
  const [group = ''] = type.split('/', 1);
  for (const pattern of [type, `${group}/*`, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === pattern);
    if (range) return !range.refused;
  }
  return false;
}
