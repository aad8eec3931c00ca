import type { CallToolResult, ContentBlock } from '../gateway/model/results.js';

/** A tool's result for people: text as it is, everything else as one line that says what it is. */
export function resultText(result: CallToolResult): string {
  if (result.content.length === 0 && result.structuredContent !== undefined)
    return `${JSON.stringify(result.structuredContent, undefined, 2)}\n`;
  return result.content.map((block) => endLine(blockText(block))).join('');
}

const endLine = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

function blockText(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return typeof block['text'] === 'string' ? block['text'] : unknown(block);
    case 'image':
    case 'audio':
      return `[${block.type}${word(block['mimeType'])}${size(block['data'])}]`;
    case 'resource_link':
      return `[resource link${word(block['uri'])}${word(block['mimeType'])}]`;
    case 'resource': {
      const resource = block['resource'];
      if (typeof resource !== 'object' || resource === null) return unknown(block);
      const { uri, mimeType, text, blob } = resource as Readonly<Record<string, unknown>>;
      if (typeof text === 'string') return text;
      return `[resource${word(uri)}${word(mimeType)}${size(blob)}]`;
    }
    default:
      return unknown(block);
  }
}

const word = (value: unknown): string => (typeof value === 'string' && value !== '' ? ` ${value}` : '');

const size = (base64: unknown): string =>
  typeof base64 === 'string' ? `, ${Buffer.byteLength(base64, 'base64')} bytes` : '';

const unknown = (block: ContentBlock): string =>
  `[${block.type}, ${JSON.stringify(block).length} characters of JSON]`;
