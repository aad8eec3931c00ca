import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { readSources, type Sources } from './support/architecture/sources.js';

/** How many lines each section of the table must show. */
const LINES = [4, 6, 4, 3, 8, 11];

/** How many findings of each review the table must have. */
const FINDINGS: Readonly<Record<string, number>> = { S: 18, SL: 13, V: 10, A: 7, U: 14, N: 8 };

const INVARIANTS = [
  'NonBlockingActivate',
  'NoImportEffects',
  'SingleFlight',
  'GraceOncePerEpoch',
  'GraceIsParallel',
  'OutdatedWaitsLikeUnknown',
  'LateArrivalConverges',
  'TurnSnapshotStable',
  'AbsenceIsExplained',
  'StubCallConnects',
  'GenerationLease',
  'AtMostOnceDispatch',
  'FailFastOnDeath',
  'NoWaitWhileHolding',
  'AcyclicOrBounded',
  'BudgetNeedsProof',
  'FaultIsolation',
  'CacheIsHint',
  'CacheKeyIsIdentity',
  'NoEmptyPoison',
  'NoOrphans',
  'QuietBackground',
  'FilterFailsClosed',
  'ErrorsAreErrors',
  'BoundedEverything',
  'CrossWindowAtomicity',
];

/** One row of the table: what it is about, and one test that shows it. */
interface Row {
  readonly id: string;
  readonly what: string;
  readonly file: string | undefined;
  readonly title: string;
}

function rowsOf(markdown: string): Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [id, what, file, title] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (id === undefined || !/^(?:\d|[A-Z]{1,2}\d)/.test(id) || what === undefined || title === undefined)
      return [];
    return [{ id, what, file: /^`(.+)`$/.exec(file ?? '')?.[1], title }];
  });
}

/**
 * Whether a file has a test or a group of this title. Where titles are put together, what is fixed must fit, and what is
 * not must stand somewhere among the tests.
 */
function hasTitle(sources: Sources, file: string, title: string): boolean {
  const source = sources.get(join('test', file));
  if (!source) return false;
  const fits = (template: ts.TemplateExpression): boolean =>
    patternOf(template)
      .exec(title)
      ?.slice(1)
      .every((part) => [...sources.values()].some(({ ast }) => ast.text.includes(part))) ?? false;
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|describe)$/.test(node.expression.getText(source.ast))) {
      const [first] = node.arguments;
      if (first && ts.isStringLiteralLike(first)) found ||= first.text === title;
      else if (first && ts.isTemplateExpression(first)) found ||= fits(first);
      // The titles stand in a table.
      else found ||= literalsOf(source.ast).has(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(source.ast);
  return found;
}

function patternOf({ head, templateSpans }: ts.TemplateExpression): RegExp {
  const fixed = [head.text, ...templateSpans.map(({ literal }) => literal.text)];
  assert.ok(fixed.join('').length > 5, 'a title that could be anything cannot be named');
  return new RegExp(`^${fixed.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)')}$`);
}

function literalsOf(ast: ts.SourceFile): Set<string> {
  const literals = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) literals.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ast);
  return literals;
}

describe('The table of tests', () => {
  let rows: readonly Row[];
  let sources: Sources;
  before(async () => {
    rows = rowsOf(await readFile(join(import.meta.dirname, 'README.md'), 'utf8'));
    sources = await readSources(join(import.meta.dirname, '..'), 'test');
  });

  it('names only tests that there are', () => {
    const missing = rows.filter(({ file, title }) =>
      file === undefined ? !/^(?:not applicable yet|later): /.test(title) : !hasTitle(sources, file, title),
    );
    assert.deepEqual(missing, []);
  });

  it('has every line that must be shown', () => {
    const lines = LINES.flatMap((count, section) =>
      Array.from({ length: count }, (_, line) => `${section + 1}.${line + 1}`),
    );
    const shown = rows.filter(({ id, what }) => id.includes('.') && what !== '').map(({ id }) => id);
    assert.deepEqual(shown, lines);
  });

  it('has every invariant', () => {
    const held = rows.filter(({ id, what }) => /^\d+$/.test(id) && what !== '');
    assert.deepEqual(
      held.map(({ id, what }) => [id, what]),
      INVARIANTS.map((name, index) => [String(index + 1), name]),
    );
  });

  it('has every finding of the reviews', () => {
    const findings = Object.entries(FINDINGS).flatMap(([letters, count]) =>
      Array.from({ length: count }, (_, index) => `${letters}${index + 1}`),
    );
    const shown = rows.filter(({ id, what }) => /^[A-Z]/.test(id) && what !== '').map(({ id }) => id);
    assert.deepEqual(shown, findings);
  });

  it('knows every invariant that a title names', () => {
    const known = new Set(INVARIANTS);
    const named = [...sources.values()].flatMap(({ ast }) =>
      [
        ...ast.text.matchAll(/(?:it|describe)\(\s*['"`](?:([A-Z][a-z]+[A-Z]\w*):|.*\(invariant (\w+)\))/g),
      ].map(([, before, behind]) => before ?? behind ?? ''),
    );
    assert.ok(named.length > 50);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });
});
