import { basename, resolve } from 'node:path';
import type { Machine } from '../endpoint/stateDirectory.js';
import { filterProblem } from '../gateway/catalog/filter.js';
import { parseMcpFile } from '../gateway/config/mcpFile.js';
import { parseServers } from '../gateway/config/parse.js';
import { readTextFile } from '../gateway/config/textFile.js';
import type { ConfigProblem, GatewayConfig } from '../gateway/model/definition.js';
import type { Logger } from '../gateway/ports.js';
import { UsageError } from './failure.js';
import { workspaceFolder } from './folders.js';

/**
 * Reads a config file; what is wrong with single servers goes to the log.
 * @throws UsageError when the file cannot be read, is not JSON, or has no server that can run
 */
export async function loadConfig(path: string, machine: Machine, log: Logger): Promise<GatewayConfig> {
  const file = resolve(path);
  const text = await readTextFile(file).catch((error: unknown) => {
    throw new UsageError(
      `${path} ${(error as Error).message}. Give the path of a config file with --config.`,
    );
  });
  const content = parseMcpFile(text, path);
  if ('problem' in content) throw new UsageError(content.problem.message);
  const folder = workspaceFolder(file);
  const parsed = await Promise.all(
    content.groups.map(({ servers, place }) =>
      parseServers(servers, {
        place,
        variables: {
          workspaceFolder: folder,
          workspaceFolders: new Map([[basename(folder), folder]]),
          userHome: machine.home,
          env: machine.env,
          config: () => undefined,
        },
        defaultCwd: folder,
        readFile: readTextFile,
        filterProblem,
      }),
    ),
  );
  const problems = [...content.warnings, ...parsed.flatMap((group) => group.problems)];
  const definitions = parsed.flatMap((group) => group.definitions);
  const envNames = [...new Set(parsed.flatMap((group) => group.envNames ?? []))];
  if (definitions.length === 0) {
    const why = problems.map((problem) => `\n  ${inWords(problem)}`).join('');
    throw new UsageError(`${path} has no server that can run. Correct it or give another file.${why}`);
  }
  for (const problem of problems)
    log[problem.severity === 'error' ? 'error' : 'warn'](`${path}: ${inWords(problem)}`);
  const disabled = parsed.flatMap((group) => group.disabled ?? []);
  return { definitions, problems, disabled, envNames };
}

const inWords = ({ path, message }: ConfigProblem): string =>
  message.includes(`"${path}"`) ? message : `${path}: ${message}`;
