import assert from 'node:assert/strict';
import { parse } from './parsing.js';

describe('problems of one server of the settings', () => {
  const refused: [string, unknown, string, RegExp][] = [
    ['neither command nor url', {}, 'command', /"command" is missing, and "url" too\. Add/],
    ['both without a type', { command: 'x', url: 'http://x' }, 'type', /both "command" and "url"/],
    ['stdio without command', { type: 'stdio', url: 'http://x' }, 'command', /"command" is missing/],
    ['http without url', { type: 'http', command: 'x' }, 'url', /"url" is missing/],
    ['an unknown type', { type: 'websocket', url: 'http://x' }, 'type', /"type" must be "stdio"/],
    ['no object', 'npx', '', /The server must be an object/],
    ['null', null, '', /The server must be an object/],
    ['a list', [], '', /The server must be an object/],
    ['a command of a wrong type', { command: ['npx'] }, 'command', /"command" must be text, such as "npx"/],
    ['an empty command', { command: ' ' }, 'command', /is empty/],
    ['args that are text', { command: 'x', args: '--a' }, 'args', /must be a list of texts/],
    ['an arg that is a number', { command: 'x', args: ['a', 1] }, 'args.1', /"args.1" must be text/],
    ['an env that is a list', { command: 'x', env: ['A=1'] }, 'env', /must be an object of names/],
    ['an env value that is an object', { command: 'x', env: { A: {} } }, 'env.A', /must be text, a number/],
    [
      'an env name with "="',
      { command: 'x', env: { 'A=B': 'x' } },
      'env.A=B',
      /no environment variable can have/,
    ],
    ['a NUL character', { command: 'x', args: ['${env:NUL}'] }, 'args.0', /NUL character/],
    [
      'an env file that is not there',
      { command: 'x', envFile: 'nope' },
      'envFile',
      /names \S*work.nope, which does not exist/,
    ],
    ['an env file that is too large', { command: 'x', envFile: 'large' }, 'envFile', /larger than 1 MiB/],
    [
      'an input variable',
      { command: 'x', args: ['${input:key}'] },
      'args.0',
      /\$\{input:key\}.*not supported yet/,
    ],
    ['an input variable in env', { command: 'x', env: { K: '${input:key}' } }, 'env.K', /not supported yet/],
    ['another scheme', { url: 'ftp://x' }, 'url', /http:\/\/ or https:\/\//],
    ['no address', { url: 'localhost:3000' }, 'url', /http:\/\/ or https:\/\//],
    ['a password in the address', { url: '${env:ADDRESS}' }, 'url', /user name or password/],
    [
      'a header with a line break',
      { url: 'http://x', headers: { A: '${env:BREAK}' } },
      'headers.A',
      /can be sent/,
    ],
    [
      'a header with a wrong name',
      { url: 'http://x', headers: { 'A B': 'x' } },
      'headers.A B',
      /can be sent/,
    ],
    ['headers of a wrong type', { url: 'http://x', headers: { A: 1 } }, 'headers.A', /object of texts/],
    ['a title that is too long', { command: 'x', title: 'x'.repeat(201) }, 'title', /at most 200/],
    ['disabled of a wrong type', { command: 'x', disabled: 'yes' }, 'disabled', /true or false/],
    [
      'a timeout of zero',
      { command: 'x', timeouts: { callMs: 0 } },
      'timeouts.callMs',
      /whole number of milliseconds/,
    ],
    [
      'a timeout without end',
      { command: 'x', timeouts: { connectMs: 1e12 } },
      'timeouts.connectMs',
      /from 1 to 3600000/,
    ],
    [
      'half a millisecond',
      { command: 'x', timeouts: { connectMs: 1.5 } },
      'timeouts.connectMs',
      /whole number/,
    ],
    [
      'a drain of more than ten minutes',
      { command: 'x', timeouts: { drainMs: 600_001 } },
      'timeouts.drainMs',
      /from 1 to 600000/,
    ],
    ['no time for lists', { command: 'x', timeouts: { listMs: 0 } }, 'timeouts.listMs', /from 1 to 3600000/],
    ['no concurrency', { command: 'x', maxConcurrency: 0 }, 'maxConcurrency', /whole number from 1 to 1000/],
    ['too much concurrency', { command: 'x', maxConcurrency: 1001 }, 'maxConcurrency', /such as 32/],
    ['agent mode in words', { command: 'x', agentMode: 'off' }, 'agentMode', /true or false/],
    ['half a request', { command: 'x', maxConcurrency: 1.5 }, 'maxConcurrency', /whole number/],
    [
      'a broken glob',
      { command: 'x', tools: { exclude: ['a', '[b'] } },
      'tools.exclude.1',
      /"tools.exclude.1" cannot be used\..*"\[b"/,
    ],
    [
      'a glob that is too long',
      { command: 'x', tools: { include: ['x'.repeat(257)] } },
      'tools.include.0',
      /256 characters/,
    ],
    ['an empty glob', { command: 'x', tools: { include: [''] } }, 'tools.include.0', /1 to 256/],
    [
      'too many globs in all',
      { command: 'x', tools: { include: Array(300).fill('a'), exclude: Array(300).fill('b') } },
      'tools',
      /more than 500/,
    ],
    ['tools that are a list', { command: 'x', tools: ['a'] }, 'tools', /must be an object/],
  ];
  for (const [what, entry, field, message] of refused) {
    it(`refuses ${what}, and only that server`, async () => {
      const { definitions, problems } = await parse({ bad: entry, good: { command: 'x' } });
      assert.deepEqual(
        definitions.map(({ id }) => id),
        ['good'],
      );
      const errors = problems.filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        errors.map(({ path, server }) => [path, server]),
        [[`mcpGateway.servers.bad${field && '.'}${field}`, 'bad']],
      );
      assert.match(errors[0]!.message, message);
      assert.ok(!JSON.stringify(problems).includes('s3cret'));
    });
  }

  const warned: [string, object, string, RegExp][] = [
    ['a misspelled field', { command: 'x', timeout: 5 }, 'timeout', /Did you mean "timeouts.callMs"/],
    ['a slip', { command: 'x', arg: [] }, 'arg', /Did you mean "args"/],
    ['another letter case', { command: 'x', envfile: 'x' }, 'envfile', /Did you mean "envFile"/],
    ['an unknown field', { command: 'x', somethingElse: 1 }, 'somethingElse', /Remove it/],
    [
      'a slip in a group',
      { command: 'x', tools: { exlude: [] } },
      'tools.exlude',
      /Did you mean "tools.exclude"/,
    ],
    [
      'a field of the other kind',
      { command: 'x', headers: { A: 'b' } },
      'headers',
      /no effect on a server of type "stdio"/,
    ],
    [
      'a missing variable',
      { command: 'x', env: { A: '${env:NOPE}' } },
      'env.A',
      /no such environment variable/,
    ],
    ['a shell variable', { command: 'sh', args: ['-c', 'echo ${HOME}'] }, 'args.1', /left as it is/],
    ['a sandbox', { command: 'x', sandboxEnabled: true }, 'sandboxEnabled', /without a sandbox/],
  ];
  for (const [what, entry, field, message] of warned) {
    it(`warns of ${what}, and runs the server`, async () => {
      const { definitions, problems } = await parse({ a: entry });
      assert.equal(definitions.length, 1);
      assert.deepEqual(
        problems.map(({ path, severity }) => [path, severity]),
        [[`mcpGateway.servers.a.${field}`, 'warning']],
      );
      assert.match(problems[0]!.message, message);
    });
  }
});
