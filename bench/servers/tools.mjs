// What both of the bench's servers offer: an echo, and as much else as they are told.

/** `echo` first, then tools of an ordinary size. */
export const toolsOf = (count) =>
  Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? 'echo' : `tool-${index}`,
    title: `Tool ${index}`,
    description: `Looks the records up that belong to a customer and answers them as text, oldest first. It is number ${index} of its kind.`,
    inputSchema: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What is looked for, in the words of the customer.' },
        limit: { type: 'integer', minimum: 1, maximum: 100, description: 'Records at most.' },
        order: { type: 'string', enum: ['oldest', 'newest'], description: 'Which come first.' },
      },
      required: index === 0 ? ['text'] : ['text', 'limit'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  }));

/** Answers a call: `echo` says its text, or so many characters of something. */
export function resultOf({ arguments: args = {} }) {
  const { text = '', chars } = args;
  return { content: [{ type: 'text', text: chars ? 'x'.repeat(chars) : text }] };
}
