import assert from 'node:assert/strict';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { compileFilter, filterProblem } from '../../../../src/gateway/catalog/filter.js';

const shown = (
  names: readonly string[],
  include: readonly string[] | undefined,
  exclude: readonly string[] = [],
): readonly string[] => names.filter(compileFilter({ include, exclude }));

/** Names that globs over paths would treat specially. */
const ODD_NAMES = [
  '.',
  '..',
  '.a',
  './a',
  'a/..',
  'a/.b',
  'a/b',
  'a//b',
  '/a',
  'a/',
  'a\nb',
  'a b',
  'a\\b',
  '日本',
];
const BROKEN = [
  '',
  '[a',
  '{a,b',
  'a}',
  'v{1..12}',
  '{a,aa}+b',
  '[a]+b',
  'a]',
  '[z-a]',
  '!a',
  '(a',
  'a|b)',
  '+(a)',
  '(a+)+',
  'x'.repeat(300),
  'a\\d',
  '"a"',
  'a|b',
  '{a,b}'.repeat(10),
];

/** `undefined` for a few globs, such as `{+}`, of which picomatch makes no regular expression. */
function referenceMatcher(glob: string): ((name: string) => boolean) | undefined {
  const options = { posix: true, strictBrackets: true, debug: true, flags: 's', windows: false, dot: true };
  try {
    return picomatch(glob, options);
  } catch {
    return undefined;
  }
}

describe('compileFilter', () => {
  it('shows everything without a filter', () => {
    assert.deepEqual(shown(['', 'x'.repeat(1000), ...ODD_NAMES], undefined), [
      '',
      'x'.repeat(1000),
      ...ODD_NAMES,
    ]);
  });

  it('shows what is included and not excluded', () => {
    const names = ['get_issue', 'get_pull', 'list_issues', 'delete_issue'];
    assert.deepEqual(shown(names, ['get_*', 'list_*']), ['get_issue', 'get_pull', 'list_issues']);
    assert.deepEqual(shown(names, undefined, ['delete_*']), ['get_issue', 'get_pull', 'list_issues']);
    assert.deepEqual(shown(names, ['get_*'], ['*_pull']), ['get_issue']);
    assert.deepEqual(shown(names, ['get_issue'], ['get_issue']), []);
    assert.deepEqual(shown(names, []), []);
  });

  it('knows ?, classes and alternatives', () => {
    assert.deepEqual(shown(['a', 'ab', 'abc'], ['a?']), ['ab']);
    assert.deepEqual(shown(['a1', 'a2', 'b1'], ['[!b]1', 'a[2-3]']), ['a1', 'a2']);
    assert.deepEqual(shown(['get_a', 'list_a', 'set_a'], ['{get,list}_*']), ['get_a', 'list_a']);
    assert.deepEqual(shown(['a+', 'aa', 'ax'], ['[a-c]\\+', '{a,b}x']), ['a+', 'ax']);
    assert.deepEqual(shown(['a.b', 'a/b', 'axb'], ['a.b', 'a/b']), ['a.b', 'a/b']);
    assert.deepEqual(shown(['a..b', 'a*b', 'acb'], ['a..b', 'a\\*b']), ['a..b', 'a*b']);
    assert.deepEqual(shown(['a/b/c', 'a/c', 'abc'], ['a/**c']), ['a/b/c', 'a/c']);
  });

  it('is about whole names and their letter case', () => {
    assert.deepEqual(shown(['get', 'get_it', 'Get', 'forget'], ['get']), ['get']);
  });

  it('lets * match any character of a name, for names are not paths', () => {
    assert.deepEqual(shown(ODD_NAMES, ['*']), ODD_NAMES);
    assert.deepEqual(shown(ODD_NAMES, ['**']), ODD_NAMES);
    assert.deepEqual(shown(ODD_NAMES, undefined, ['*']), []);
    assert.deepEqual(
      shown(ODD_NAMES, ['a*']),
      ODD_NAMES.filter((name) => name.startsWith('a')),
    );
    assert.deepEqual(
      shown(ODD_NAMES, ['*b']),
      ODD_NAMES.filter((name) => name.endsWith('b')),
    );
  });

  describe('FilterFailsClosed', () => {
    for (const glob of BROKEN) {
      it(`hides every tool when a glob cannot be used: ${JSON.stringify(glob.slice(0, 20))}`, () => {
        assert.deepEqual(shown(['a', 'b', glob], undefined, [glob]), []);
        assert.deepEqual(shown(['a', 'b', glob], ['*', glob]), []);
        assert.notEqual(filterProblem({ include: undefined, exclude: [glob] }), undefined);
        assert.notEqual(filterProblem({ include: [glob], exclude: [] }), undefined);
      });
    }

    it('says which glob it is and what to do', () => {
      assert.equal(
        filterProblem({ include: ['*', '!delete_*'], exclude: [] }),
        'The pattern "!delete_*" starts with "!"; put what is to be hidden under tools.exclude instead.',
      );
      assert.match(
        filterProblem({ include: undefined, exclude: ['get_[a'] }) ?? '',
        /"get_\[a".*it has a "\[" without its "\]"/,
      );
      assert.match(
        filterProblem({ include: undefined, exclude: Array<string>(501).fill('a') }) ?? '',
        /more than/,
      );
      assert.equal(
        filterProblem({ include: ['{get_*,list_*,read_*,find_*,*_search_*}'], exclude: ['*'] }),
        undefined,
      );
    });

    it('hides a name that globs cannot be matched against', () => {
      const names = ['', 'x'.repeat(129), 'a\uE000b', 'a\uE001b'];
      assert.deepEqual(shown(names, ['*']), []);
      assert.deepEqual(shown(names, undefined, ['y']), []);
      assert.deepEqual(shown(['x'.repeat(128)], undefined, ['y']), ['x'.repeat(128)]);
    });

    it('lets deny win over allow, whatever the globs', () => {
      const piece = fc.constantFrom(
        '*',
        '?',
        'a',
        'b',
        '_',
        '/',
        '.',
        '[ab]',
        '[!a]',
        '{a,b_}',
        '+',
        '\n',
        '(',
        '!',
      );
      const glob = fc.array(piece, { maxLength: 5 }).map((parts) => parts.join(''));
      const name = fc
        .array(fc.constantFrom('a', 'b', '_', '/', '.', '1', '\n'), { maxLength: 6 })
        .map((c) => c.join(''));
      fc.assert(
        fc.property(
          fc.option(fc.array(glob, { maxLength: 3 }), { nil: undefined }),
          fc.array(glob, { maxLength: 3 }),
          name,
          (include, exclude, toolName) => {
            const both = compileFilter({ include, exclude })(toolName);
            if (!both) return;
            for (const denied of exclude)
              assert.equal(compileFilter({ include: [denied], exclude: [] })(toolName), false, denied);
            assert.equal(compileFilter({ include, exclude: [...exclude, '*'] })(toolName), false);
            if (include !== undefined) assert.equal(compileFilter({ include, exclude: [] })(toolName), true);
          },
        ),
        { numRuns: 2000 },
      );
    });

    it('stays quick on names that are made to be slow', () => {
      const start = performance.now();
      for (const glob of ['*_*_*_*x', '*_*_*_*_*_*_*_*x*', '*{_,__}*{_,a}*{x,y}', '*[_a]?[_a]*[!_]']) {
        const slow = compileFilter({ include: undefined, exclude: [glob] });
        for (let i = 0; i < 10_000; i++) assert.ok(slow('_'.repeat(128)));
      }
      assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
    });
  });

  it('means by a glob what picomatch means by it', () => {
    const parts = ['*', '?', 'a', 'b', '-', '^', '!', ',', '+', '@', '$', '~', '\\*', '\\{', '\\]', '\\?'];
    const classes = [
      '[ab]',
      '[!a]',
      '[^ab]',
      '[a-c]',
      '[]a]',
      '[!]a]',
      '[a\\]]',
      '[[:alpha:]]',
      '[![:digit:]b]',
      '[{,}]',
      '[*]',
      '[a-]',
      '[a[]',
    ];
    const simple = fc.constantFrom(...parts, ...classes);
    const text = (piece: fc.Arbitrary<string>) =>
      fc.array(piece, { maxLength: 3 }).map((all) => all.join(''));
    const braces = fc.array(text(simple), { minLength: 1, maxLength: 3 }).map((all) => `{${all.join(',')}}`);
    const nested = fc
      .array(text(fc.oneof(simple, braces)), { minLength: 2, maxLength: 3 })
      .map((all) => `{${all.join(',')}}`);
    const glob = fc
      .array(fc.oneof(simple, braces, nested), { minLength: 1, maxLength: 4 })
      .map((all) => all.join(''));
    const names = fc.array(
      fc
        .array(fc.constantFrom(...'ab1-^!,+@$~*{}[]\\?'.split('')), { minLength: 1, maxLength: 5 })
        .map((c) => c.join('')),
      { minLength: 8, maxLength: 8 },
    );
    let compared = 0;
    fc.assert(
      fc.property(glob, names, (glob, names) => {
        if (filterProblem({ include: [glob], exclude: [] }) !== undefined) return;
        const expected = referenceMatcher(glob);
        if (!expected) return;
        const shown = compileFilter({ include: [glob], exclude: [] });
        for (const name of names) {
          compared++;
          assert.equal(shown(name), expected(name), `${glob} ${name}`);
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(compared > 1000);
  });

  it('matches like a hand-written matcher of * and ?', () => {
    const part = fc.constantFrom('*', '?', 'a', 'b', '/', '.', '-');
    const glob = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
    const name = fc
      .array(fc.constantFrom('a', 'b', '/', '.', '-', '\n'), { minLength: 1, maxLength: 8 })
      .map((c) => c.join(''));
    fc.assert(
      fc.property(glob, name, (text, toolName) => {
        const source = Array.from(text).map((c) =>
          c === '*' ? '[^]*' : c === '?' ? '[^]' : `\\u{${c.charCodeAt(0).toString(16)}}`,
        );
        const expected = new RegExp(`^${source.join('')}$`, 'u').test(toolName);
        assert.equal(compileFilter({ include: [text], exclude: [] })(toolName), expected);
      }),
      { numRuns: 5000 },
    );
  });
});
