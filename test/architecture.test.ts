import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  filesAreShort,
  loadingDoesNothing,
  nothingIsSynchronous,
  onlyTheForegroundAsks,
} from './support/architecture/effects.js';
import * as imports from './support/architecture/imports.js';
import type { Rule } from './support/architecture/imports.js';
import { parseSources, readSources, type Sources } from './support/architecture/sources.js';

/** A rule, and what must break it: sources by path, and what the rule says of them. */
interface Case {
  readonly says: string;
  readonly rule: Rule;
  readonly broken: readonly (readonly [sources: Readonly<Record<string, string>>, violation: RegExp])[];
  /** What must not break it, beside the sources that there are. */
  readonly fine?: Readonly<Record<string, string>>;
}

/** One file that imports something. */
const importing = (path: string, target: string): Record<string, string> => ({
  [path]: `import type { A } from '${target}'; export type B = A;`,
});

const running = (statement: string): readonly [Record<string, string>, RegExp] => [
  { 'src/gateway/a.ts': statement },
  /^src\/gateway\/a\.ts/,
];

const CASES: readonly Case[] = [
  {
    says: 'vscode is imported in src/vscode/ and src/extension.ts only',
    rule: imports.vscodeIsAtTheEdge,
    broken: [
      [importing('src/gateway/a.ts', 'vscode'), /^src\/gateway\/a\.ts imports vscode$/],
      [importing('src/endpoint/a.ts', 'vscode'), /endpoint/],
      [{ 'src/cli.ts': `await import('vscode');` }, /cli/],
      [{ 'src/cli.ts': `const vscode = require('vscode');` }, /cli/],
      [{ 'src/cli.ts': `type Uri = import('vscode').Uri;` }, /cli/],
      [{ 'src/cli.ts': `export * from 'vscode';` }, /cli/],
    ],
    fine: { ...importing('src/vscode/a.ts', 'vscode'), ...importing('src/extension.ts', 'vscode') },
  },
  {
    says: 'the gateway knows none of its doors',
    rule: imports.gatewayKnowsNoDoor,
    broken: [
      '../vscode/b.js',
      '../endpoint/b.js',
      '../cli/b.js',
      '../cli.js',
      '../extension.js',
      'vscode',
    ].map((target) => [importing('src/gateway/a.ts', target), /^src\/gateway\/a\.ts imports /] as const),
  },
  {
    says: 'the ground floor knows nothing of MCP and of the rooms above it',
    rule: imports.baseKnowsOnlyBase,
    broken: [
      [importing('src/base/a.ts', '../protocol/messages.js'), /base\/a/],
      [importing('src/base/text/a.ts', '../../gateway/model/errors.js'), /base\/text\/a/],
      [importing('src/base/a.ts', '@modelcontextprotocol/sdk/types.js'), /base\/a/],
    ],
    fine: importing('src/base/text/a.ts', '../b.js'),
  },
  {
    says: 'the protocol imports nothing of ours but the ground floor',
    rule: imports.protocolKnowsNothing,
    broken: [[importing('src/protocol/a.ts', '../gateway/model/errors.js'), /protocol\/a/]],
    fine: { ...importing('src/protocol/a.ts', './b.js'), ...importing('src/protocol/c.ts', '../base/d.js') },
  },
  {
    says: 'the protocol is for upstream/, the endpoint and the files that put the gateway together',
    rule: imports.protocolIsForUpstreamAndEndpoint,
    broken: [
      [importing('src/vscode/a.ts', '../protocol/b.js'), /vscode/],
      [importing('src/gateway/config/a.ts', '../../protocol/b.js'), /config/],
      [importing('src/gateway/api.ts', '../protocol/b.js'), /api/],
    ],
    fine: importing('src/endpoint/a.ts', '../protocol/b.js'),
  },
  {
    says: 'doors use the front of the gateway, its words and its rooms of pure functions',
    rule: imports.doorsUseTheFrontOfTheGateway,
    broken: ['gateway.js', 'upstream/a.js', 'startup/a.js', 'directory.js'].flatMap((target) => [
      [importing('src/extension.ts', `./gateway/${target}`), /^src\/extension/] as const,
      [importing('src/vscode/chat/a.ts', `../../gateway/${target}`), /^src\/vscode/] as const,
      [importing('src/endpoint/a.ts', `../gateway/${target}`), /^src\/endpoint/] as const,
      [importing('src/cli/a.ts', `../gateway/${target}`), /^src\/cli/] as const,
    ]),
    fine: importing('src/cli/a.ts', '../gateway/model/errors.js'),
  },
  {
    says: 'doors do not know each other, but the editor and the command line may open the endpoint',
    rule: imports.doorsDoNotKnowEachOther,
    broken: [
      [importing('src/endpoint/a.ts', '../vscode/b.js'), /endpoint/],
      [importing('src/cli/a.ts', '../vscode/b.js'), /cli/],
      [importing('src/vscode/a.ts', '../cli/b.js'), /vscode/],
      [importing('src/vscode/a.ts', '../extension.js'), /vscode/],
    ],
    fine: importing('src/vscode/a.ts', '../endpoint/b.js'),
  },
  {
    says: 'the side that connects, announcements and client configurations know no door and no gateway',
    rule: imports.theOtherEndKnowsNoDoor,
    broken: [
      [importing('src/connect/a.ts', '../endpoint/b.js'), /^src\/connect\/a/],
      [importing('src/connect/a.ts', '../cli/b.js'), /^src\/connect\/a/],
      [importing('src/connect/a.ts', '../gateway/createGateway.js'), /^src\/connect\/a/],
      [importing('src/announcement/a.ts', '../connect/b.js'), /^src\/announcement\/a/],
      [importing('src/clientConfig/a.ts', '../protocol/b.js'), /^src\/clientConfig\/a/],
    ],
    fine: {
      ...importing('src/connect/a.ts', '../announcement/b.js'),
      ...importing('src/announcement/a.ts', '../gateway/ports.js'),
    },
  },
  {
    says: 'config, catalog, cache, arguments and upstream do not know each other, nor who puts them together',
    rule: imports.siblingsDoNotKnowEachOther,
    broken: [
      [importing('src/gateway/config/a.ts', '../catalog/b.js'), /config/],
      [importing('src/gateway/catalog/a.ts', '../listing/b.js'), /catalog/],
      [importing('src/gateway/cache/a.ts', '../upstream/b.js'), /cache/],
      [importing('src/gateway/upstream/a.ts', '../config/b.js'), /upstream/],
      [importing('src/gateway/upstream/a.ts', '../gateway.js'), /upstream/],
      [importing('src/gateway/arguments/a.ts', '../../protocol/b.js'), /arguments/],
    ],
    fine: importing('src/gateway/upstream/a.ts', '../../protocol/b.js'),
  },
  {
    says: 'the rooms of the endpoint do not know each other, but what tokens allow',
    rule: imports.endpointRoomsDoNotKnowEachOther,
    broken: [
      [importing('src/endpoint/http/a.ts', '../relay/b.js'), /http/],
      [importing('src/endpoint/relay/a.ts', '../http/b.js'), /relay/],
    ],
    fine: importing('src/endpoint/http/a.ts', '../tokens/b.js'),
  },
  {
    says: 'the door of the endpoint knows nothing of the gateway',
    rule: imports.theDoorKnowsNoGateway,
    broken: [[importing('src/endpoint/http/a.ts', '../../gateway/api.js'), /http/]],
    fine: importing('src/endpoint/http/a.ts', '../../protocol/messages.js'),
  },
  {
    says: 'ports and api import words only',
    rule: imports.portsAndApiAreWords,
    broken: [
      [importing('src/gateway/api.ts', './gateway.js'), /api/],
      [importing('src/gateway/ports.ts', './api.js'), /ports/],
    ],
  },
  {
    says: 'the model imports only the model',
    rule: imports.modelKnowsOnlyModel,
    broken: [[importing('src/gateway/model/a.ts', '../util/event.js'), /model/]],
  },
  {
    says: 'only upstream/ and the endpoint know the MCP SDK',
    rule: imports.onlyUpstreamAndEndpointKnowTheSdk,
    broken: [
      [
        importing('src/gateway/a.ts', '@modelcontextprotocol/sdk/types.js'),
        /imports @modelcontextprotocol\/sdk/,
      ],
    ],
    fine: importing('src/gateway/upstream/a.ts', '@modelcontextprotocol/sdk/types.js'),
  },
  {
    says: 'every file is in a room of the drawing',
    rule: imports.everyFileIsInTheDrawing,
    broken: [
      [{ 'src/gateway/misc/a.ts': '' }, /not in the drawing/],
      [{ 'src/helpers.ts': '' }, /not in the drawing/],
    ],
  },
  {
    says: 'nothing that the gateway, the protocol, the endpoint or the command line loads reaches vscode',
    rule: imports.coreNeverReachesVscode,
    broken: [
      [
        {
          ...importing('src/cli.ts', './x/a.js'),
          ...importing('src/x/a.ts', './b.js'),
          ...importing('src/x/b.ts', 'vscode'),
        },
        /^src\/cli\.ts → src\/x\/a\.ts → src\/x\/b\.ts → vscode$/,
      ],
    ],
  },
  {
    says: 'no file imports itself by way of others',
    rule: imports.noCycles,
    broken: [
      [
        {
          ...importing('src/a.ts', './b.js'),
          ...importing('src/b.ts', './c.js'),
          ...importing('src/c.ts', './b.js'),
        },
        /^src\/b\.ts → src\/c\.ts → src\/b\.ts$/,
      ],
    ],
  },
  {
    says: 'no file is longer than 300 lines',
    rule: filesAreShort,
    broken: [[{ 'src/a.ts': '//\n'.repeat(301) }, /src\/a\.ts has 301 lines/]],
    fine: { 'src/a.ts': '//\n'.repeat(300) },
  },
  {
    says: 'NonBlockingActivate: no synchronous call of files or processes anywhere',
    rule: nothingIsSynchronous,
    broken: [
      running(`import { readFileSync } from 'node:fs';`),
      running(`import * as fs from 'node:fs'; export const f = () => fs.statSync('x');`),
      running(`import fs from 'node:fs'; export const f = () => fs['existsSync']('x');`),
      running(`import spawn from 'cross-spawn'; export const f = () => spawn.spawnSync('x');`),
      running(`export const f = () => Atomics.wait(new Int32Array(1), 0, 0);`),
    ],
  },
  {
    says: 'QuietBackground: only commands, the approval of a call and a server that is at work for one ask the user',
    rule: onlyTheForegroundAsks,
    broken: [
      running(`import { window } from 'vscode'; export const f = () => window.showInputBox();`),
      running(
        `import * as vscode from 'vscode'; export const f = () => vscode.window.showErrorMessage('x');`,
      ),
      running(`import { env } from 'vscode'; export const f = () => env.openExternal(uri);`),
      running(`import { authentication } from 'vscode'; export const f = () => authentication.getSession();`),
    ],
    fine: { 'src/vscode/commands.ts': `export const f = () => vscode.window.showQuickPick([]);` },
  },
  {
    says: 'NoImportEffects: loading a module starts nothing and makes nothing that can change',
    rule: loadingDoesNothing,
    broken: [
      running(`import './b.js';`),
      running(`export let count = 0;`),
      running(`start();`),
      running(`export const server = start();`),
      running(`const start = () => { setTimeout(() => {}, 1); }; export const x = start();`),
      running(
        `import { spawn } from 'node:child_process'; export const all = ['a'].map((name) => spawn(name));`,
      ),
      running(`import { spawn } from 'node:child_process'; export const all = ['a'].map(spawn);`),
      running(`export const x = (() => 1)();`),
      running(`export const x = await fetch('x');`),
      running(`export const x = new Server();`),
      running(`export const x = { a: [new Server()] };`),
      running(`export class A { static readonly a = start(); }`),
      running(`export class A { static { start(); } }`),
      running(`export class A extends start() {}`),
      running(`export default start();`),
      running(`process.env.A = 'x';`),
      running(`if (true) start();`),
      running(`const a = { b: 1 }; export const c = (a.b = 2);`),
      running(`export const { a } = start();`),
    ],
    fine: {
      'src/gateway/a.ts': `
        import { z } from 'zod';
        import { limit } from './b.js';
        const text = z.string().min(1);
        const named = (name: string) => { let all = ''; all += name; return all; };
        export const schema = z.object({ a: text.optional(), b: z.array(text).max(limit('b')) });
        export const NAMES: ReadonlySet<string> = new Set(['a', ...['b'].map((name) => named(name))]);
        export const PATTERN = /x/u;
        export class A { readonly b = start(); static readonly c = 1; run() { start(); } }
        export function f() { return start(); }
        export const g = async () => { await start(); };`,
      'src/gateway/b.ts': `export function limit(name: string): number { return name.length * 2; }`,
      'src/cli.ts': `start();`,
    },
  },
];

describe('architecture', () => {
  let sources: Sources;

  before(async () => {
    sources = await readSources(join(import.meta.dirname, '..'), 'src');
    assert.ok(sources.has('src/extension.ts') && sources.size > 20);
  });

  for (const { says, rule, broken, fine } of CASES)
    describe(says, () => {
      it('holds', () => {
        assert.deepEqual(rule(sources), []);
      });

      it('is seen when it is broken', () => {
        for (const [texts, violation] of broken)
          assert.match(
            rule(parseSources(Object.entries(texts))).join('\n'),
            violation,
            JSON.stringify(texts),
          );
        if (fine) assert.deepEqual(rule(parseSources(Object.entries(fine))), []);
      });
    });
});
