import * as childProcess from 'node:child_process';
import * as fs from 'node:fs';
import ts from 'typescript';
import type { Rule } from './imports.js';
import { impureParts } from './purity.js';
import { placeOf, type SourceFile, type Sources } from './sources.js';

const MAX_LINES = 300;

/** Programs, not modules: started, never imported. */
const ENTRY_POINTS = ['src/cli.ts', 'src/checker.ts'];

const SYNC_FUNCTIONS = new Set(
  [fs, childProcess].flatMap((module) => Object.keys(module)).filter((name) => name.endsWith('Sync')),
);

export const filesAreShort: Rule = (sources) =>
  [...sources.values()]
    .map(({ path, ast }) => ({ path, lines: ast.text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`);

/** NonBlockingActivate: not even a mention of them, wherever it is; `Atomics.wait` stops a thread just the same. */
export const nothingIsSynchronous: Rule = (sources) =>
  [...sources.values()].flatMap((file) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && SYNC_FUNCTIONS.has(node.text))
        found.push(`${placeOf(file, node)}: ${node.text}`);
      if (
        ts.isStringLiteral(node) &&
        ts.isElementAccessExpression(node.parent) &&
        SYNC_FUNCTIONS.has(node.text)
      )
        found.push(`${placeOf(file, node)}: ${node.text}`);
      if (ts.isPropertyAccessExpression(node) && node.getText(file.ast) === 'Atomics.wait')
        found.push(`${placeOf(file, node)}: Atomics.wait`);
      ts.forEachChild(node, visit);
    };
    visit(file.ast);
    return found;
  });

/** What a user has begun: a command, an answer that waits for a consent, or a call during which a server asks back. */
const FOREGROUND =
  /^src\/vscode\/(((endpoint|consent)\/)?commands\.ts|clientConfig\.ts|projectFile\.ts|chat\/approval\/|answers\/)/;
const ASKS =
  /\b(window\.(show\w*Message|show(InputBox|QuickPick|OpenDialog|SaveDialog)|create(InputBox|QuickPick))|env\.openExternal|authentication\.getSession)$/;

/** QuietBackground: what starts by itself has no means to ask. */
export const onlyTheForegroundAsks: Rule = (sources) =>
  [...sources.values()]
    .filter(({ path }) => !FOREGROUND.test(path))
    .flatMap((file) => {
      const found: string[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isPropertyAccessExpression(node) && ASKS.test(node.getText(file.ast)))
          found.push(`${placeOf(file, node)}: ${node.getText(file.ast)}`);
        ts.forEachChild(node, visit);
      };
      visit(file.ast);
      return found;
    });

/** NoImportEffects: a module declares things; nothing runs, and nothing can change later, when it is loaded. */
export const loadingDoesNothing: Rule = (sources) =>
  [...sources.values()]
    .filter(({ path }) => !ENTRY_POINTS.includes(path))
    .flatMap((file) => [
      ...file.imports
        .filter(({ forEffect }) => forEffect)
        .map(({ target }) => `${file.path} imports ${target} for its effects`),
      ...file.ast.statements.flatMap((statement) => effectsOf(statement, file, sources)),
    ]);

function effectsOf(statement: ts.Statement, file: SourceFile, sources: Sources): string[] {
  if (
    ts.isImportDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  )
    return [];
  if (ts.isClassDeclaration(statement)) return impureParts(statement, file, sources);
  if (ts.isExportAssignment(statement)) return impureParts(statement.expression, file, sources);
  if (ts.isVariableStatement(statement)) {
    const { declarationList } = statement;
    if ((declarationList.flags & ts.NodeFlags.Const) === 0 && !isEntryState(file))
      return [`${placeOf(file, statement)}: a variable that outlives every owner`];
    return declarationList.declarations.flatMap(({ initializer }) =>
      initializer ? impureParts(initializer, file, sources) : [],
    );
  }
  return [`${placeOf(file, statement)}: a statement that runs when the module is loaded`];
}

/** VS Code calls `deactivate()` with nothing in hand: there, what `activate()` made must be kept beside them. */
const isEntryState = (file: SourceFile): boolean => file.path === 'src/extension.ts';
