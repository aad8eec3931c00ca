import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { deadLinks } from '../scripts/deadLinks.js';
import { parseServers } from '../src/gateway/config/parse.js';
import { noWorkspace } from './support/noWorkspace.js';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly title: string; readonly category: string }[];
    readonly chatParticipants: readonly { readonly commands: readonly { readonly name: string }[] }[];
    readonly configuration: {
      readonly properties: Readonly<
        Record<
          string,
          { readonly default: unknown; readonly additionalProperties?: { readonly properties: object } }
        >
      >;
    };
  };
}

/** The first cells of each row of the table under a heading or a line of text. */
function rows(markdown: string, before: string): string[][] {
  const start = markdown.indexOf(before);
  assert.ok(start >= 0, `README has "${before}"`);
  const table = markdown.slice(start + before.length).match(/(?:^\|.*\|$\n?)+/m)?.[0] ?? '';
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const code = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

describe("The links of the extension's page", () => {
  it('are not dead: what they lead to is in the package', async () => {
    const ignore = await readFile('.vscodeignore', 'utf8');
    const files = [...ignore.matchAll(/^!(.+)$/gm)].flatMap(([, file]) => file ?? []);
    for (const page of ['README.md', 'CHANGELOG.md'])
      assert.deepEqual(deadLinks(await readFile(page, 'utf8'), files), [], page);
  });

  it('are found however they are written, but not in code and not where they lead elsewhere', () => {
    const text =
      '[a](A.md) [b][x] <img src="i.png"> [c](https://c/) [d](#d) [e](./LICENSE) `[f](F.md)`\n\n[x]: B.md\n```\n[g](G.md)\n```';
    assert.deepEqual(deadLinks(text, ['LICENSE']), ['A.md', 'B.md', 'i.png']);
  });
});

describe('README', () => {
  let readme: string;
  let contributing: string;
  let manifest: Manifest;
  before(async () => {
    readme = await readFile('README.md', 'utf8');
    contributing = await readFile('CONTRIBUTING.md', 'utf8');
    manifest = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;
  });

  it('names every setting with its default', () => {
    const written = rows(readme, '### Settings').map(([name, value]) => [code(name)[0], code(value)[0]]);
    const real = Object.entries(manifest.contributes.configuration.properties).map(([name, setting]) => [
      name,
      JSON.stringify(setting.default),
    ]);
    assert.deepEqual(written, real);
  });

  it('names every field of a server', () => {
    const written = rows(readme, 'Per server:').flatMap(([names]) => code(names));
    const schema = manifest.contributes.configuration.properties['mcpGateway.servers']?.additionalProperties;
    assert.deepEqual(written.sort(), Object.keys(schema?.properties ?? {}).sort());
  });

  it('names every command', () => {
    const written = rows(readme, '### Commands').map(([title]) => title);
    const real = manifest.contributes.commands.map(({ category, title }) => `${category}: ${title}`);
    assert.deepEqual(written, real);
  });

  it('names every slash command', () => {
    const written = rows(readme, "Without a model's help:").map(([call]) => /\/(\w+)/.exec(call ?? '')?.[1]);
    assert.deepEqual(
      written,
      manifest.contributes.chatParticipants[0]?.commands.map(({ name }) => name),
    );
  });

  it('has settings examples that are taken without a problem', async () => {
    const blocks = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1]!);
    assert.ok(blocks.length > 0);
    for (const block of blocks) {
      const example = JSON.parse(block) as Record<string, unknown>;
      const { definitions, problems } = await parseServers(example['mcpGateway.servers'], {
        place: 'mcpGateway.servers',
        variables: {
          ...noWorkspace(),
          workspaceFolder: tmpdir(),
          env: { ISSUES_TOKEN: 'x' },
        },
        defaultCwd: tmpdir(),
        readFile: (path) => readFile(path, 'utf8'),
      });
      assert.deepEqual(problems, []);
      assert.equal(definitions.length, Object.keys(example['mcpGateway.servers'] as object).length);
    }
  });

  it('and CONTRIBUTING name only npm scripts that exist', () => {
    const named = [...`${readme}\n${contributing}`.matchAll(/npm (?:run )?([\w:]+)/g)].map(
      (match) => match[1]!,
    );
    const known = new Set([...Object.keys(manifest.scripts), 'ci', 'scripts', 'script', 'into', 'and']);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });

  it('starts with the two commands of a newcomer', () => {
    const shell = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!.trim());
    assert.deepEqual(shell.slice(0, 2), ['npm ci && npm start', 'npm ci && npm test']);
  });
});
