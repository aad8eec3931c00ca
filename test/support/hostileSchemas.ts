/** 26 levels, each asking for the next one twice. */
const doubled = Object.fromEntries(
  Array.from({ length: 26 }, (_, level) => [
    `d${level}`,
    { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] },
  ]),
);

/** Schemas that take for ever to check, or more memory than there is, with the arguments that set them off. */
export const BOMBS: Readonly<Record<string, { schema: object; args: Record<string, unknown> }>> = {
  pattern: {
    schema: { properties: { a: { pattern: '^(?:.|.)*\\u0000$' } } },
    args: { a: 'x'.repeat(50) },
  },
  'pattern of properties': {
    schema: { patternProperties: { '^(?:.|.)*\\u0000$': {} } },
    args: { ['x'.repeat(50)]: 1 },
  },
  references: {
    schema: { $ref: '#/$defs/d0', $defs: { ...doubled, d26: { type: 'object' } } },
    args: { a: 1 },
  },
  'unique items': {
    schema: { properties: { a: { uniqueItems: true } } },
    args: { a: Array.from({ length: 20_000 }, (_, i) => ({ i })) },
  },
  alternatives: {
    schema: {
      properties: {
        a: {
          items: { anyOf: Array.from({ length: 500 }, (_, i) => ({ properties: { x: { const: `${i}` } } })) },
        },
      },
    },
    args: { a: Array.from({ length: 20_000 }, () => ({ x: 1 })) },
  },
};
