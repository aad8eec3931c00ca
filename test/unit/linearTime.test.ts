import assert from 'node:assert/strict';
import { table } from '../../src/cli/table.js';
import { redactor } from '../../src/gateway/upstream/stdio/redact.js';
import { StderrLog } from '../../src/gateway/upstream/stdio/stderrLog.js';
import { visible } from '../../src/base/text/visible.js';
import { checkTyped } from '../../src/vscode/answers/elicitation/check.js';
import { fieldsOf } from '../../src/vscode/answers/elicitation/fields.js';
import { fence } from '../../src/vscode/chat/render.js';

const SIZE = 1_000_000;
const filled = (part: string): string => part.repeat(Math.ceil(SIZE / part.length));

const timed = (run: () => unknown): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

/** What each may take, as a multiple of a linear pass over a text of one size in the same run. */
const MAX_PASSES = 50;

describe('What servers say takes linear time', () => {
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const secrets = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`K${index}_TOKEN`, `a${index}${'a1'.repeat(250)}`]),
  );
  const redact = redactor({ type: 'stdio', command: 'x', args: [], env: secrets } as never);
  const options = Array.from({ length: 1000 }, (_, index) => `o${index}`);
  const ticked = Array.from({ length: 100_000 }, (_, index) => `x${index}`);

  const cases: readonly (readonly [string, () => unknown])[] = [
    [
      'a number of a form',
      () =>
        checkTyped(
          { kind: 'number', integer: false, minimum: 0, maximum: 1, required: true } as never,
          `${filled('1')}x`,
        ),
    ],
    [
      'the defaults of a form',
      () =>
        fieldsOf({
          properties: { a: { type: 'array', items: { type: 'string', enum: options }, default: ticked } },
        }),
    ],
    ['backticks in a code block', () => fence(filled('` '))],
    ['emojis in a table', () => table(['A', 'B'], [[filled('👨‍👩‍👧'), filled('👨‍👩‍👧')]], 80)],
    ['lines on stderr', () => new StderrLog(logger, redact).push(Buffer.from(filled('a1a1a1a1a1\n')))],
  ];
  for (const [what, run] of cases)
    it(what, () => {
      const pass = timed(() => visible(filled('a \u202e'), 'line'));
      const ms = timed(run);
      assert.ok(ms < MAX_PASSES * Math.max(pass, 5), `${ms} ms; a linear pass took ${pass} ms`);
    });
});
