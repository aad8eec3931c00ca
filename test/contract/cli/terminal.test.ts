import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { callsFile } from '../../../src/endpoint/stateDirectory.js';
import { buildCli, runCli, writeConfig } from '../../support/cli.js';
import { scriptedServer, temporaryFolder } from '../../support/gateway.js';

/** Makes a pseudoterminal; of util-linux. */
const SCRIPT = '/usr/bin/script';
const hidden = '\u009b31m\u202e\u{e0041}\u001b[2J\u200b';
const escapes = String.raw`\u009b31m\u202e\udb40\udc41\u001b[2J\u200b`;

describe('CLI: a terminal', function () {
  this.timeout(60_000);
  before(buildCli);
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** Runs the command line on a pseudoterminal. */
  async function onTerminal(args: readonly string[], env = process.env): Promise<string> {
    const line = [process.execPath, resolve('dist/cli.js'), ...args].map((arg) => `'${arg}'`).join(' ');
    const child = spawn(SCRIPT, ['-qfec', line, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    await once(child, 'close');
    return output.replaceAll('\r\n', '\n');
  }

  const results = { 'read-note': { content: [{ type: 'text', text: `a${hidden}b` }] } };
  const servers = { s: scriptedServer({ tools: ['read-note'], results }) };

  for (const json of [[], ['--json']])
    it(`is given what is hidden as escapes, a program all as it is${json.length > 0 ? ', also in JSON' : ''}`, async function () {
      if (
        !(await access(SCRIPT).then(
          () => true,
          () => false,
        ))
      )
        this.skip();
      const { args } = await writeConfig(servers, cleanups);
      const command = ['call', ...args, ...json, 's__read-note'];
      const shown = await onTerminal(command);
      assert.ok(shown.includes(`a${escapes}b`), JSON.stringify(shown));
      assert.doesNotMatch(shown, /(?!\n)\p{Cc}|\p{Cf}/u);
      const { stdout } = await runCli(command);
      if (json.length === 0) assert.equal(stdout, `a${hidden}b\n`);
      else {
        assert.deepEqual(JSON.parse(stdout), results['read-note']);
        assert.deepEqual(JSON.parse(shown), results['read-note']);
      }
    });

  it('shows who made a call with what is hidden in its name, also in JSON', async function () {
    if (
      !(await access(SCRIPT).then(
        () => true,
        () => false,
      ))
    )
      this.skip();
    const home = await temporaryFolder(cleanups);
    const file = callsFile({ platform: process.platform, env: {}, home });
    await mkdir(dirname(file), { recursive: true });
    const call = { time: 1, client: `a${hidden}b`, server: 's', tool: 't', outcome: 'ok', ms: 1, args: '0' };
    await writeFile(file, `${JSON.stringify(call)}\n`);
    for (const json of [[], ['--json']]) {
      const printed = await onTerminal(['calls', ...json], { ...process.env, HOME: home });
      assert.ok(printed.includes(`a${escapes}b`), JSON.stringify(printed));
      assert.doesNotMatch(printed, /(?!\n)\p{Cc}|\p{Cf}/u);
      if (json.length > 0) assert.deepEqual(JSON.parse(printed), call);
    }
  });

  it('is not led to take the error of a server for one of ours', async () => {
    const error = { code: 1, message: 'no\n[error] All is lost.\r[warn] Run this.' };
    const { args } = await writeConfig(
      { s: scriptedServer({ failWith: { 'tools/call': error } }) },
      cleanups,
    );
    const { code, stderr } = await runCli(['call', ...args, 's__echo']);
    assert.equal(code, 3);
    assert.match(stderr, /no\n {4}\[error\] All is lost\.\\u000d\[warn\] Run this\./);
    assert.equal(stderr.match(/^\S/gm)?.length, 1, stderr);
  });
});
