import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { filterProblem } from '../../../../src/gateway/catalog/filter.js';
import type { ParseOptions } from '../../../../src/gateway/config/options.js';
import { parseServers } from '../../../../src/gateway/config/parse.js';
import type { GatewayConfig, ServerDefinition } from '../../../../src/gateway/model/definition.js';

const files: Readonly<Record<string, string>> = {
  [resolve('/work/.env')]: 'FROM_FILE=file\nBOTH=file\n__proto__=x\nRAW=${userHome}\n',
  [resolve('/home/me/.env')]: 'HOME_FILE=yes',
  [resolve('/work/large')]: `A=${'x'.repeat(1024 * 1024)}`,
};

const options: ParseOptions = {
  place: 'mcpGateway.servers',
  variables: {
    workspaceFolder: '/work',
    workspaceFolders: new Map([['work', '/work']]),
    userHome: '/home/me',
    env: { TOKEN: 's3cret', TILDE: '~/x', BREAK: 'a\r\nb', NUL: 'a\0b', ADDRESS: 'http://u:p@x/' },
    config: () => undefined,
  },
  defaultCwd: '/work',
  filterProblem,
  readFile: (path) =>
    files[resolve(path)] === undefined
      ? Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }))
      : Promise.resolve(files[resolve(path)]!),
};

/** Reads `raw` as the servers of the settings, with one workspace folder and a few files and variables. */
export const parse = (raw: unknown, more: Partial<ParseOptions> = {}): Promise<GatewayConfig> =>
  parseServers(raw, { ...options, ...more });

/** The one server of an entry that has no problems. */
export async function only(entry: unknown): Promise<ServerDefinition> {
  const { definitions, problems } = await parse({ a: entry });
  assert.deepEqual(problems, []);
  assert.equal(definitions.length, 1);
  return definitions[0]!;
}
