import { isObject, type Params } from '../../protocol/messages.js';

type Rename = (uri: string) => string;

/**
 * The URIs in a server's answer under other names: of links and embedded resources, of what was read, and of the page that
 * shows a tool (`_meta.ui.resourceUri`, MCP Apps). Texts and structured content are the server's words and stay.
 */
export function rewriteUris(result: Params, rename: Rename): Params {
  const { content, contents, messages, _meta } = result;
  return {
    ...result,
    ...(Array.isArray(content) ? { content: content.map((block) => inBlock(block, rename)) } : {}),
    ...(Array.isArray(contents) ? { contents: contents.map((item) => inField(item, 'uri', rename)) } : {}),
    ...(Array.isArray(messages) ? { messages: messages.map((message) => inMessage(message, rename)) } : {}),
    ...(_meta === undefined ? {} : { _meta: inMeta(_meta, rename) }),
  };
}

/** The same in the `_meta` of a listed item. */
export function inMeta(meta: unknown, rename: Rename): unknown {
  if (!isObject(meta)) return meta;
  // The second is what MCP Apps were before they were MCP's.
  const flat = inField(meta, 'ui/resourceUri', rename) as Params;
  return isObject(flat.ui) ? { ...flat, ui: inField(flat.ui, 'resourceUri', rename) } : flat;
}

function inMessage(message: unknown, rename: Rename): unknown {
  if (!isObject(message)) return message;
  const { content } = message;
  return {
    ...message,
    content: Array.isArray(content)
      ? content.map((block) => inBlock(block, rename))
      : inBlock(content, rename),
  };
}

function inBlock(block: unknown, rename: Rename): unknown {
  if (!isObject(block)) return block;
  if (block.type === 'resource_link') return inField(block, 'uri', rename);
  if (block.type !== 'resource') return block;
  return { ...block, resource: inField(block.resource, 'uri', rename) };
}

function inField(value: unknown, name: string, rename: Rename): unknown {
  if (!isObject(value) || typeof value[name] !== 'string') return value;
  return { ...value, [name]: rename(value[name]) };
}
