import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** One import, export-from, `import()`, `import type` or `require`. */
interface Import {
  /** A path below the root for own files (`src/a/b.ts`), else the package (`zod`, `@scope/name`, `node:fs`). */
  readonly target: string;
  /** Nothing is imported by name: the file is loaded for its effects. */
  readonly forEffect: boolean;
  /** Of `import { a as b }`: the names there by the names here. */
  readonly names: ReadonlyMap<string, string>;
}

export interface SourceFile {
  readonly path: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

export type Sources = ReadonlyMap<string, SourceFile>;

/** Parses files, given as path below the root (with `/`) and text. */
export function parseSources(texts: Iterable<readonly [path: string, text: string]>): Sources {
  const sources = new Map<string, SourceFile>();
  for (const [path, text] of texts) {
    const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    sources.set(path, { path, ast, imports: importsOf(ast, path) });
  }
  return sources;
}

/** All TypeScript files below a folder of the repository. */
export async function readSources(root: string, folder: string): Promise<Sources> {
  const names = await readdir(join(root, folder), { recursive: true });
  const paths = names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();
  return parseSources(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
  );
}

function importsOf(ast: ts.SourceFile, path: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, clause?: ts.ImportClause, forEffect = false): void => {
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push({ target: resolved(specifier.text, path), forEffect, names: namesOf(clause) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause, node.importClause === undefined);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (
        callee.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(callee) && callee.text === 'require')
      )
        add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ast);
  return found;
}

function namesOf(clause: ts.ImportClause | undefined): ReadonlyMap<string, string> {
  const bindings = clause?.namedBindings;
  if (!bindings || !ts.isNamedImports(bindings)) return new Map();
  return new Map(bindings.elements.map(({ name, propertyName }) => [name.text, (propertyName ?? name).text]));
}

function resolved(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Where a node is, as `path:line`. */
export const placeOf = (file: SourceFile, node: ts.Node): string =>
  `${file.path}:${file.ast.getLineAndCharacterOfPosition(node.getStart(file.ast)).line + 1}`;

/** All that is loaded when a file is, itself included, each with the file that imports it. */
export function reachableFrom(sources: Sources, start: string): Map<string, string | undefined> {
  const via = new Map<string, string | undefined>([[start, undefined]]);
  for (const path of via.keys())
    for (const { target } of sources.get(path)?.imports ?? []) if (!via.has(target)) via.set(target, path);
  return via;
}

/** The way from the start to a target, in a map of {@link reachableFrom}. */
export function wayTo(via: ReadonlyMap<string, string | undefined>, target: string): string {
  const way = [target];
  for (let path = via.get(target); path !== undefined; path = via.get(path)) way.unshift(path);
  return way.join(' → ');
}
