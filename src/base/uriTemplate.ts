/** Characters; beyond them nothing matches. Together they bound the time of one match to some ten milliseconds. */
const MAX_TEMPLATE = 1024;
const MAX_URI = 8192;
/** Variables of one template. */
const MAX_VARIABLES = 64;

type Part = { readonly literal: string } | Expression;

/** RFC 6570, 2.2 and 2.3. */
interface Expression {
  readonly operator: string;
  readonly names: readonly string[];
  /** One of its variables is exploded (`*`), so that names and the number of values are open. */
  readonly exploded: boolean;
}

/** Which places of the URI the parts so far can end at. */
type Places = Uint8Array;

/**
 * Whether a URI template (RFC 6570, level 4) can expand to a URI. As the SDKs of MCP do it, `{var}` and `{+var}` stand for one
 * character at least, `{var}` for no `/`, and the pairs of a query may come in any order.
 * Takes time in proportion to the product of both lengths, whatever they hold.
 *
 * @returns `literal`: how many characters the template itself says, the more the better it fits; 0 for one that leaves the
 * scheme open, which would fit everybody's URIs. `undefined`: no match, no template, or one of them is too long.
 */
export function matchTemplate(template: string, uri: string): { readonly literal: number } | undefined {
  if (template.length > MAX_TEMPLATE || uri.length > MAX_URI) return undefined;
  const parts = parse(template);
  const text = encoded(uri);
  if (!parts || text.length > MAX_URI) return undefined;
  const [first] = parts;
  const prefix = first && 'literal' in first ? first.literal : '';
  if (!text.startsWith(prefix)) return undefined;

  let places: Places = new Uint8Array(text.length + 1);
  places[0] = 1;
  for (const part of parts) {
    places =
      'literal' in part ? afterLiteral(places, text, part.literal) : afterExpression(places, text, part);
    if (!places.includes(1)) return undefined;
  }
  if (places[text.length] !== 1) return undefined;
  const literal = parts.reduce((sum, part) => sum + ('literal' in part ? part.literal.length : 0), 0);
  return { literal: prefix.includes(':') ? literal : 0 };
}

/** @returns `undefined` when it is no template */
function parse(template: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  let variables = 0;
  for (let at = 0; at < template.length;) {
    const open = template.indexOf('{', at);
    const literal = template.slice(at, open === -1 ? undefined : open);
    if (literal.includes('}')) return undefined;
    if (literal !== '') parts.push({ literal: encoded(literal) });
    if (open === -1) break;
    const close = template.indexOf('}', open);
    const expression = close === -1 ? undefined : parseExpression(template.slice(open + 1, close));
    if (!expression) return undefined;
    variables += expression.names.length;
    if (variables > MAX_VARIABLES) return undefined;
    parts.push(expression);
    at = close + 1;
  }
  return parts;
}

function parseExpression(inside: string): Expression | undefined {
  const operator = /^[+#./;?&]/.exec(inside)?.[0] ?? '';
  const specs = inside.slice(operator.length).split(',');
  // More generous than RFC 6570: servers have variables such as {user-id}.
  const variables = specs.map((spec) => /^([^{}*:,=!@|+#/;?&\s][^{}*:,=\s]*)(\*|:\d{1,4})?$/.exec(spec));
  if (variables.includes(null)) return undefined;
  return {
    operator,
    names: variables.map((variable) => encoded(variable?.[1] ?? '')),
    exploded: variables.some((variable) => variable?.[2] === '*'),
  };
}

function afterExpression(before: Places, text: string, { operator, names, exploded }: Expression): Places {
  switch (operator) {
    case '':
      return afterOneOrMore(before, text, '/');
    case '+':
      return afterOneOrMore(before, text, '');
    case '#':
      return union(before, afterAny(afterLiteral(before, text, '#'), text, ''));
    case '.':
      // A value may have dots too.
      return union(before, afterAny(afterLiteral(before, text, '.'), text, '/'));
    case '/': {
      if (exploded) return afterPairs(before, text, '/', '/', undefined, '/');
      let places = before;
      for (const _ of names) places = union(places, afterAny(afterLiteral(places, text, '/'), text, '/'));
      return places;
    }
    case ';':
      return afterPairs(before, text, ';', ';', exploded ? undefined : names, ';/');
    default:
      return afterPairs(before, text, operator, '&', exploded ? undefined : names, '&');
  }
}

function afterLiteral(before: Places, text: string, literal: string): Places {
  const after = new Uint8Array(before.length);
  for (let at = before.indexOf(1); at !== -1; at = before.indexOf(1, at + 1))
    if (text.startsWith(literal, at)) after[at + literal.length] = 1;
  return after;
}

/** After as many characters as there are, but for those in `except`. */
function afterAny(before: Places, text: string, except: string): Places {
  const after = Uint8Array.from(before);
  for (let at = 0; at < text.length; at++)
    if (after[at] === 1 && !except.includes(text.charAt(at))) after[at + 1] = 1;
  return after;
}

function afterOneOrMore(before: Places, text: string, except: string): Places {
  const after = new Uint8Array(before.length);
  for (let at = 0; at < text.length; at++)
    if ((before[at] === 1 || after[at] === 1) && !except.includes(text.charAt(at))) after[at + 1] = 1;
  return after;
}

/**
 * After nothing, or after pairs `name=value` (of a path: values).
 * @param first what stands before the first pair @param between what stands before each other one
 * @param names of pairs; `undefined` when they are open
 */
function afterPairs(
  before: Places,
  text: string,
  first: string,
  between: string,
  names: readonly string[] | undefined,
  except: string,
): Places {
  const after = Uint8Array.from(before);
  // Where the name of a pair can begin, and where a value can go on.
  const starts = afterLiteral(before, text, first);
  const values = new Uint8Array(before.length);
  for (let at = 0; at <= text.length; at++) {
    if (starts[at] === 1) {
      if (names === undefined) values[at] = 1;
      else
        for (const name of names) {
          const end = at + name.length;
          if (!text.startsWith(name, at)) continue;
          if (text[end] === '=') values[end + 1] = 1;
          // RFC 6570, 3.2.7: `;name` alone for an empty value.
          else if (between === ';') values[end] = 1;
        }
    }
    if (values[at] !== 1) continue;
    after[at] = 1;
    const next = text.charAt(at);
    if (next === between) starts[at + 1] = 1;
    else if (at < text.length && !except.includes(next)) values[at + 1] = 1;
  }
  return after;
}

const union = (a: Places, b: Places): Places => a.map((value, at) => value | (b[at] ?? 0));

/** As RFC 6570, 3.1, writes literals, so that `ä` and `%c3%a4` are the same. */
const encoded = (text: string): string =>
  text
    // Lone surrogates, which no URI can hold.
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]+/g, encodeURIComponent)
    .replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
