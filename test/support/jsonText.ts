import fc from 'fast-check';

/** Bytes in parts, each a copy of its own. @param places where to cut, beyond the end too */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const inside = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...inside].map((start, index) => bytes.subarray(start, inside[index]));
}

export const cuts = fc.array(fc.nat(100_000), { maxLength: 12 });

const space = fc.constantFrom('', '', '', ' ', '\t', '\n', '\r\n', '  ');

const escaped = fc.string({ unit: 'binary', maxLength: 12 }).chain((text) =>
  fc.array(fc.nat(2), { minLength: text.length, maxLength: text.length }).map((hows) => {
    const units = Array.from({ length: text.length }, (_, index) => text.charAt(index));
    // Any half of a pair stays with the other half only as an escape.
    const one = (unit: string, how: number): string =>
      how === 0 || (unit >= '\ud800' && unit <= '\udfff')
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        : how === 1 && unit === '/'
          ? '\\/'
          : JSON.stringify(unit).slice(1, -1);
    return `"${units.map((unit, index) => one(unit, hows[index] ?? 1)).join('')}"`;
  }),
);

const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('-0', '0', '1E5', '-1.5e+10', '0.0e-7', '123456789012345678901234567890'),
);

const spaced = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(space, inner, space).map((parts) => parts.join(''));

const value = fc.letrec<{ any: string; object: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('true', 'false', 'null'),
    number,
    escaped,
    fc.array(spaced(tie('any')), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(spaced(escaped), spaced(tie('any'))), { maxLength: 4 })
      .map((members) => `{${members.map(([key, of]) => `${key}:${of}`).join(',')}}`),
    fc.constantFrom('[]', '{}', '[ ]', '{\n}'),
  ),
  object: fc
    .array(fc.tuple(spaced(escaped), spaced(tie('any'))), { maxLength: 5 })
    .map((members) => `{${members.map(([key, of]) => `${key}:${of}`).join(',')}}`),
}));

/** JSON objects, written in many ways. */
export const jsonText = spaced(value.object);

const memberOf = (names: readonly string[], values: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      spaced(
        fc.constantFrom(
          ...names.flatMap((name) => [
            `"${name}"`,
            `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`,
          ]),
        ),
      ),
      spaced(values),
    )
    .map((parts) => parts.join(':'));

/** Objects with members of these names and of others, in any order, some of them twice. */
export const resultText = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        memberOf(names, value.any),
        fc.tuple(spaced(escaped), spaced(value.any)).map((parts) => parts.join(':')),
      ),
      { maxLength: 6 },
    )
    .map((members) => `{${members.join(',')}}`);

/** Objects with members like those of messages, in any order, some of them twice. */
export const messageText = fc
  .array(
    fc.oneof(
      memberOf(['jsonrpc', 'id', 'method'], fc.oneof(escaped, number, value.any)),
      memberOf(
        ['result'],
        fc.oneof(
          resultText(['isError', 'task', 'nextCursor', '_meta', 'content', 'id', 'result']),
          value.any,
        ),
      ),
      memberOf(['error', 'params'], value.any),
    ),
    { maxLength: 8 },
  )
  .map((members) => `{${members.join(',')}}`);
