import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HttpLaunch, StdioLaunch } from '../../../../../src/gateway/model/definition.js';
import { GarbageLog } from '../../../../../src/gateway/upstream/stdio/garbageLog.js';
import { isSecretName } from '../../../../../src/base/text/secretNames.js';
import { redactor } from '../../../../../src/gateway/upstream/stdio/redact.js';
import { StderrLog } from '../../../../../src/gateway/upstream/stdio/stderrLog.js';
import type { Logger } from '../../../../../src/gateway/ports.js';

const program = (more: Partial<StdioLaunch>): StdioLaunch => ({
  type: 'stdio',
  command: 'x',
  args: [],
  env: {},
  cwd: '/',
  ...more,
});
const remote = (more: Partial<HttpLaunch>): HttpLaunch => ({
  type: 'http',
  url: 'https://example.com/mcp',
  headers: {},
  ...more,
});

const KEY = 'q7Zp-41xYw_90LmN2Rt5';

describe('the secrets of a server', () => {
  const held: Record<string, StdioLaunch | HttpLaunch> = {
    'a variable GH_PAT': program({ env: { GH_PAT: KEY } }),
    'a variable OPENAI_API_KEY': program({ env: { OPENAI_API_KEY: KEY } }),
    'a variable DB_PASSWORD': program({ env: { DB_PASSWORD: KEY } }),
    'a variable SENTRY_DSN': program({ env: { SENTRY_DSN: KEY } }),
    'a variable AWS_CREDENTIALS': program({ env: { AWS_CREDENTIALS: KEY } }),
    'a variable accessToken': program({ env: { accessToken: KEY } }),
    'the password of an address in a variable': program({
      env: { DATABASE: `postgres://me:${KEY}@host/db` },
    }),
    'the query of an address in a variable': program({ env: { BASE: `https://x/?api_key=${KEY}&page=1` } }),
    'an argument --token=': program({ args: [`--token=${KEY}`] }),
    'an argument after --api-key': program({ args: ['--api-key', KEY] }),
    'an assignment in an argument': program({ args: ['run', '-e', `API_KEY=${KEY}`] }),
    'an assignment in a shell command': program({ args: ['-c', `X=1 API_KEY='${KEY}' exec server`] }),
    'a header in an argument': program({ args: ['--header', `Authorization: Bearer ${KEY}`] }),
    'an address in an argument': program({ args: [`https://me:${KEY}@example.com/mcp`] }),
    'a header Authorization': remote({ headers: { Authorization: `Bearer ${KEY}` } }),
    'a header of any name': remote({ headers: { 'X-Custom': KEY } }),
    'a cookie': remote({ headers: { Cookie: `a=1; session=${KEY}` } }),
    'the password of Basic': remote({
      headers: { Authorization: `Basic ${Buffer.from(`me:${KEY}`).toString('base64')}` },
    }),
    'the query of its address': remote({ url: `https://example.com/mcp?k=${KEY}` }),
    'the path of its address': remote({ url: `https://example.com/${KEY}/mcp` }),
  };
  for (const [what, launch] of Object.entries(held)) {
    it(`are not shown: ${what}`, () => {
      const redact = redactor(launch);
      for (const form of [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64')]) {
        const text = redact(`before ${form}, after`);
        assert.ok(!text.includes(form), text);
        assert.match(text, /^before .*after$/);
      }
    });
  }

  it('are told by their form too, whatever their variable is called', () => {
    assert.equal(redactor(program({ env: { ANY: `x ghp_${KEY}` } }))(`got ghp_${KEY}`), 'got ***');
  });

  it('are not shown URL-encoded or in JSON', () => {
    const secret = 'pa ss"wörd\\/+x';
    const redact = redactor(program({ env: { PASSWORD: secret } }));
    assert.equal(redact(`x?p=${encodeURIComponent(secret)}`), 'x?p=***');
    assert.equal(redact(JSON.stringify({ p: secret })), '{"p":"***"}');
  });

  it('leave nothing of a longer one behind where a shorter one is a part of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{6,10}$/), fc.stringMatching(/^[A-Z]{1,10}$/), (short, more) => {
        for (const env of [
          { A_KEY: short, B_KEY: short + more },
          { A_KEY: short + more, B_KEY: short },
        ])
          assert.equal(redactor(program({ env }))(`x ${short}${more} y ${short} z`), 'x *** y *** z');
      }),
    );
  });

  it('are taken out before a text is cut, so that no part of one is left', () => {
    const redact = redactor(program({ env: { A_KEY: KEY } }));
    for (let max = 1; max < 60; max++) {
      const text = redact(`${'.'.repeat(30)}${KEY}${'.'.repeat(30)}`, max);
      assert.ok(!text.includes(KEY.slice(0, 3)), `${max}: ${text}`);
      assert.ok(text.length <= max + 1);
    }
  });

  it('are not shown where a line ends or begins in the midst of one', () => {
    const redact = redactor(program({ env: { A_KEY: KEY } }));
    for (let at = 8; at <= KEY.length - 8; at++)
      assert.equal(redact(`key ${KEY.slice(0, at)}\n${KEY.slice(at)} end`), 'key ***\n*** end');
    assert.equal(redact(`${KEY.slice(0, 8)} is in the midst`), `${KEY.slice(0, 8)} is in the midst`);
  });

  it('are looked for quickly in a flood of lines', () => {
    const env = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`A_KEY_${at}`, `${at}${KEY.repeat(10)}${at}`]),
    );
    const redact = redactor(program({ env }));
    const begun = process.cpuUsage().user;
    for (let at = 0; at < 20_000; at++)
      redact(`${'a line of a log that says nothing of any secret '.repeat(4)}${at}`);
    const ms = (process.cpuUsage().user - begun) / 1000;
    assert.ok(ms < 2000, `${ms} ms`);
  });

  it('of several lines are not shown line by line', () => {
    const lines = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkqhkiG9w0BAQEF', 'AASCBKcwggSjAgEAAoIBAQ'];
    const redact = redactor(program({ env: { PRIVATE_KEY: lines.join('\n') } }));
    for (const line of lines) assert.equal(redact(`> ${line}`), '> ***');
  });

  it('are nothing short and no plain setting', () => {
    const redact = redactor(
      program({
        env: {
          A_KEY: '1',
          B_KEY: 'true',
          AUTH: 'disabled',
          KEY_FILE: '/home/me/key.pem',
          TOKENIZERS: 'parallel',
        },
        args: ['--mode', 'business', '--port=30000000'],
      }),
    );
    const text = 'port 1 is true, disabled, /home/me/key.pem, parallel business 30000000';
    assert.equal(redact(text), text);
  });

  it('take no long to look for, however hostile the settings and the text are', () => {
    const long = 'a=b:'.repeat(20_000);
    const started = performance.now();
    const redact = redactor(
      program({
        args: [long, 'x'.repeat(100_000), ':// '.repeat(20_000)],
        env: { A_KEY: 'ab'.repeat(50_000) },
      }),
    );
    redact('ab'.repeat(500_000));
    assert.ok(performance.now() - started < 2000);
  });
});

describe('a telling name', () => {
  const telling = [
    'GH_PAT',
    'API_KEY',
    'apiKey',
    'X-Auth',
    'token',
    'ACCESS_TOKEN',
    'MYSECRET',
    'client_secret',
    'DB_PWD',
  ];
  for (const name of telling)
    it(`is ${name}`, () => {
      assert.ok(isSecretName(name));
    });
  for (const name of [
    'PATH',
    'PATTERN',
    'COMPAT',
    'AUTHOR',
    'KEYBOARD',
    'TOKENIZERS_PARALLELISM',
    'LOG_LEVEL',
  ])
    it(`is not ${name}`, () => {
      assert.ok(!isSecretName(name));
    });
});

describe('what a server writes', () => {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  beforeEach(() => lines.splice(0));
  const redact = redactor(program({ env: { A_KEY: KEY } }));

  it('on its stderr has no secret in the log, however its chunks are cut', () => {
    for (let at = 1; at < KEY.length; at++) {
      const log = new StderrLog(logger, redact);
      log.push(Buffer.from(`key ${KEY.slice(0, at)}`));
      log.push(Buffer.from(`${KEY.slice(at)} end\n`));
      assert.deepEqual(log.tail, ['key *** end']);
    }
    assert.ok(lines.every((line) => line === '[stderr] key *** end'));
  });

  it('on its stdout beside messages has no part of a secret in the log where it is cut', () => {
    const log = new GarbageLog(logger, redact);
    log.add(`${'.'.repeat(190)}${KEY}`);
    assert.match(log.first ?? '', /^\.{190}\*\*\*$/);
    assert.ok(lines.every((line) => !line.includes(KEY.slice(0, 3))));
  });
});
