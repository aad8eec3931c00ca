import { withoutTags } from '../../base/text/visible.js';
import { readResult } from '../../protocol/large/largeResult.js';
import { messageJson, type MessageJson } from '../../protocol/large/messageJson.js';
import type { Message } from '../../protocol/messages.js';

/** What can be part of hidden words at all; most texts have nothing of it, and are not looked at more closely. */
const SUSPECT = /[\udb40\ufe00-\ufe0f]/;

/** The first bytes of U+E0000 to U+E0FFF in UTF-8, each as a character, and of their escapes in JSON. */
const TAG = /\u00f3\u00a0|\\u[dD][bB]4/;
const LONGEST = 6;

/**
 * An answer as JSON, without tag characters: models read them and people do not see them. A large result goes on as the
 * bytes that came, unless there is something of the kind in it.
 * @throws TypeError, RangeError for what is no JSON
 */
export function answerJson(message: Message): MessageJson {
  const json = messageJson(message);
  if (typeof json === 'string') return SUSPECT.test(json) ? withoutTags(json) : json;
  if (!('result' in message) || !hasTags(json.parts)) return json;
  return withoutTags(JSON.stringify({ ...message, result: readResult(message.result) }));
}

function hasTags(parts: readonly Uint8Array[]): boolean {
  let before: Buffer = Buffer.alloc(0);
  for (const part of parts) {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    // What the end of one part begins, the next one may go on with.
    const seam = Buffer.concat([before, bytes.subarray(0, LONGEST)]);
    if (isTagged(bytes) || isTagged(seam)) return true;
    before = bytes.length >= LONGEST ? bytes.subarray(-LONGEST) : seam.subarray(-LONGEST);
  }
  return false;
}

const isTagged = (bytes: Buffer): boolean => TAG.test(bytes.toString('latin1'));
