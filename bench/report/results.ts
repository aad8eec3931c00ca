import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Growth } from '../rows/lists.js';
import type { Row } from '../rows/row.js';
import { growthPlot } from './plot.js';

const BENCH = join(process.cwd(), 'bench');
const FOLDER = join(BENCH, 'results');

/** Which command made a result. */
export type Part = 'bench' | 'bench:vscode';

export interface Result {
  readonly part: Part;
  /** ISO 8601. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly workload: string;
  readonly rows: readonly Row[];
  readonly growth?: readonly Growth[];
}

/** What a result says of where it was made. @param more versions of what else was measured */
export async function surroundings(
  more: Readonly<Record<string, string>> = {},
): Promise<Pick<Result, 'date' | 'machine' | 'versions'>> {
  const [processor] = cpus();
  const versionOf = async (name: string): Promise<string> => {
    const text = await readFile(join(BENCH, '..', 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  };
  return {
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${processor?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${platform()} ${arch()}`,
    versions: {
      node: process.versions.node,
      '@modelcontextprotocol/sdk': await versionOf('@modelcontextprotocol/sdk'),
      '@modelcontextprotocol/client': await versionOf('@modelcontextprotocol/client'),
      ...more,
    },
  };
}

/** Keeps a result, and writes `RESULTS.md` anew from the newest of each command. */
export async function report(result: Result): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const name = `${result.date.replace(/[:.]/g, '-')}-${result.part.replace(':', '-')}.json`;
  await writeFile(join(FOLDER, name), JSON.stringify(result, undefined, 2));
  const all: Result[] = [];
  for (const file of (await readdir(FOLDER)).sort())
    if (file.endsWith('.json')) all.push(JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Result);
  const newest = (['bench', 'bench:vscode'] as const).flatMap(
    (part) => all.findLast((one) => one.part === part) ?? [],
  );
  await writeFile(join(BENCH, 'RESULTS.md'), markdown(newest));
  const growth = newest.find((one) => one.growth)?.growth;
  if (growth) await writeFile(join(BENCH, 'growth.svg'), growthPlot(growth));
}

const HEAD = `# Results

How the gateway compares with clients that are directly at a server, with the SDK's own HTTP server, with public gateways and with
VS Code's own. Everything in a row was measured in one run, in turns; a figure is the median of the ratios of its rounds, and the
99th percentile of them at the bad end. Absolute times are the machine's.

\`\`\`sh
npm run bench
npm run build && npm run package && npm run bench:vscode
\`\`\`
`;

/** The tables of the results, by number of the row. */
export function markdown(results: readonly Result[]): string {
  const rows = results.flatMap(({ rows: own }) => own);
  const ordered = [...rows].sort((a, b) => parseInt(a.id) - parseInt(b.id) || 0);
  return [
    HEAD,
    ...results.map(
      ({ part, date, machine, versions, workload }) =>
        `- \`npm run ${part}\`, ${date.slice(0, 10)}: ${machine}; ${Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}. ${workload}`,
    ),
    '',
    table(ordered),
    '',
    ...(results.some(({ growth }) => growth) ? ['![Milliseconds by number of servers](growth.svg)', ''] : []),
  ].join('\n');
}

/** As people read it, in the terminal too. */
export function table(rows: readonly Row[]): string {
  const head = ['#', 'measure', 'against', 'target', 'figure', '', 'ours : theirs'];
  const lines = rows.map(({ id, measure, against, target, figure, met, detail }) => [
    id,
    measure,
    against,
    target,
    figure,
    target === '–' ? '' : met ? '✔' : '✘',
    detail,
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
