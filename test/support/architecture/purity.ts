import ts from 'typescript';
import { placeOf, type SourceFile, type Sources } from './sources.js';

const PURE_CONSTRUCTORS = [
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'RegExp',
  'URL',
  'TextEncoder',
  'TextDecoder',
  'Error',
];
const PURE_FUNCTIONS = [
  ...[
    'Array.from',
    'Array.of',
    'BigInt',
    'Boolean',
    'JSON.stringify',
    'Number',
    'String',
    'String.raw',
    'Symbol',
  ],
  ...[
    'Object.entries',
    'Object.freeze',
    'Object.fromEntries',
    'Object.keys',
    'Object.values',
    'encodeURIComponent',
  ],
];
/** Of arrays, texts, numbers, patterns and sets: they only make a new value. */
const PURE_METHODS = [
  ...[
    'at',
    'charCodeAt',
    'codePointAt',
    'concat',
    'endsWith',
    'every',
    'exec',
    'filter',
    'find',
    'flat',
    'flatMap',
  ],
  ...[
    'get',
    'has',
    'includes',
    'indexOf',
    'join',
    'keys',
    'map',
    'match',
    'matchAll',
    'padEnd',
    'padStart',
    'reduce',
  ],
  ...[
    'repeat',
    'replace',
    'replaceAll',
    'slice',
    'some',
    'split',
    'startsWith',
    'test',
    'toFixed',
    'toLowerCase',
  ],
  ...['toSorted', 'toString', 'toUpperCase', 'trim', 'trimEnd', 'trimStart', 'values'],
];
/** Of zod's schemas, in files that import zod: they only make a new schema. */
const ZOD_METHODS = [
  ...[
    'and',
    'catch',
    'default',
    'describe',
    'extend',
    'gt',
    'gte',
    'int',
    'length',
    'lt',
    'lte',
    'max',
    'meta',
    'min',
  ],
  ...[
    'nonempty',
    'nonnegative',
    'nullable',
    'nullish',
    'optional',
    'or',
    'overwrite',
    'partial',
    'pick',
    'pipe',
  ],
  ...[
    'omit',
    'positive',
    'prefault',
    'readonly',
    'refine',
    'regex',
    'strict',
    'superRefine',
    'transform',
    'url',
  ],
];

/**
 * What in an expression, class or function body runs, when it is evaluated, anything that is not known to be harmless.
 * Harmless is: making values, and calling functions of ours that do nothing else.
 */
export function impureParts(
  root: ts.Node,
  file: SourceFile,
  sources: Sources,
  /** Functions being looked at, so that recursion ends. */
  seen: ReadonlySet<ts.Node> = new Set(),
): string[] {
  const found: string[] = [];
  const report = (node: ts.Node): void => {
    const text = node.getText(file.ast).split('\n')[0] ?? '';
    found.push(`${placeOf(file, node)}: ${text.slice(0, 60)} runs when the module is loaded`);
  };
  const isPure = (node: ts.Node): boolean => {
    if (ts.isCallExpression(node)) return isPureCall(node, file, sources, seen);
    if (ts.isNewExpression(node)) return PURE_CONSTRUCTORS.includes(node.expression.getText(file.ast));
    if (ts.isTaggedTemplateExpression(node)) return PURE_FUNCTIONS.includes(node.tag.getText(file.ast));
    return !isEffect(node, root);
  };
  const visit = (node: ts.Node): void => {
    // What a class extends counts as a type here, but is evaluated.
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    // The inside of a function runs when it is called; what initialises its class's fields, with each object.
    if (ts.isFunctionLike(node)) return;
    if (ts.isPropertyDeclaration(node) && !isStatic(node)) return;
    if (isPure(node)) ts.forEachChild(node, visit);
    else report(node);
  };
  visit(root);
  return found;
}

function isPureCall(
  call: ts.CallExpression,
  file: SourceFile,
  sources: Sources,
  seen: ReadonlySet<ts.Node>,
): boolean {
  const callee = call.expression;
  const doNothing = (body: ts.Node, inFile: SourceFile): boolean =>
    seen.has(body) || impureParts(body, inFile, sources, new Set([...seen, body])).length === 0;
  // These call what they are given.
  const callsPureCallbacks = (): boolean =>
    call.arguments.every((argument) => {
      if (isFunction(argument)) return doNothing(argument.body, file);
      const named = ts.isIdentifier(argument) ? functionNamed(argument.text, file, sources) : undefined;
      return named === undefined ? !isImported(argument, file) : doNothing(named.body, named.file);
    });
  if (PURE_FUNCTIONS.includes(callee.getText(file.ast))) return callsPureCallbacks();
  if (ts.isPropertyAccessExpression(callee)) {
    const method = callee.name.text;
    const hasZod = file.imports.some(({ target }) => target === 'zod');
    if (PURE_METHODS.includes(method)) return callsPureCallbacks();
    return hasZod && (ZOD_METHODS.includes(method) || isZod(callee));
  }
  const called = ts.isIdentifier(callee) ? functionNamed(callee.text, file, sources) : undefined;
  return called !== undefined && doNothing(called.body, called.file);
}

/** Whether it comes from a package, so that what it does is not known; values of ours are values. */
const isImported = (node: ts.Node, file: SourceFile): boolean =>
  ts.isIdentifier(node) &&
  file.imports.some(({ target, names }) => names.has(node.text) && !target.startsWith('src/'));

const isFunction = (node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression =>
  ts.isArrowFunction(node) || ts.isFunctionExpression(node);

/** Whether it is `z.string` and the like. */
const isZod = ({ expression }: ts.PropertyAccessExpression): boolean =>
  ts.isIdentifier(expression) && expression.text === 'z';

interface Called {
  readonly body: ts.Node;
  readonly file: SourceFile;
}

/** The function of ours that a name stands for at the top of a file, there or where it is imported from. */
function functionNamed(name: string, file: SourceFile, sources: Sources): Called | undefined {
  for (const statement of file.ast.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name && statement.body)
      return { body: statement.body, file };
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: declared, initializer } of statement.declarationList.declarations)
      if (
        ts.isIdentifier(declared) &&
        declared.text === name &&
        initializer &&
        ts.isArrowFunction(initializer)
      )
        return { body: initializer.body, file };
  }
  const from = file.imports.find(({ names }) => names.has(name));
  const source = from && sources.get(from.target);
  return source && functionNamed(from.names.get(name) ?? name, source, sources);
}

const isStatic = (node: ts.PropertyDeclaration): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;

/** In the body of a function that is called, counting and assigning concern its own variables. */
const isEffect = (node: ts.Node, root: ts.Node): boolean =>
  ts.isAwaitExpression(node) ||
  ts.isDeleteExpression(node) ||
  ts.isClassStaticBlockDeclaration(node) ||
  ts.isDecorator(node) ||
  (!ts.isBlock(root) && isAssignment(node));

const isAssignment = (node: ts.Node): boolean =>
  ts.isPostfixUnaryExpression(node) ||
  (ts.isPrefixUnaryExpression(node) &&
    [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator)) ||
  (ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment);
