import { isAbsolute, resolve } from 'node:path';
import { isKeyLike, isSecretName } from '../../base/text/secretNames.js';
import { visible } from '../../base/text/visible.js';
import type { HttpLaunch, Launch, ServerDefinition, ServerId, StdioLaunch } from '../model/definition.js';
import { inheritedEnvironment, namedVariables, readEnvironment } from './environment.js';
import { checkFilter, checkTypes, type EntryProblems } from './entryProblems.js';
import { fingerprint } from './fingerprint.js';
import type { ParseOptions } from './options.js';
import { defaultMaxConcurrency, defaultTimeouts, type ServerEntry } from './schema.js';
import { substitute } from './variables.js';

/** One entry of the settings → its definition, or `undefined` when `problems` holds an error. */
export async function parseServer(
  id: ServerId,
  raw: unknown,
  options: ParseOptions,
  problems: EntryProblems,
): Promise<ServerDefinition | undefined> {
  const entry = checkTypes(raw, problems);
  if (entry === undefined) return undefined;
  if (options.filterProblem) checkFilter(entry, options.filterProblem, problems);
  const type = launchType(entry, problems);
  if (type === undefined) return undefined;
  warnOfUnusedFields(entry, type, problems);
  const fields = new Fields(options, problems);
  const launch: Launch =
    type === 'stdio' ? await stdioLaunch(entry, fields) : httpLaunch(type, entry, fields);
  if (problems.failed) return undefined;
  return {
    id,
    title: visible(entry.title?.trim() || id, 'name'),
    launch,
    filter: { include: entry.tools?.include, exclude: entry.tools?.exclude ?? [] },
    timeouts: {
      connectMs: entry.timeouts?.connectMs ?? defaultTimeouts.connectMs,
      callMs: entry.timeouts?.callMs ?? defaultTimeouts.callMs,
      listMs: entry.timeouts?.listMs ?? defaultTimeouts.listMs,
      drainMs: entry.timeouts?.drainMs ?? defaultTimeouts.drainMs,
    },
    maxConcurrency: entry.maxConcurrency ?? defaultMaxConcurrency,
    questions: entry.questions ?? 'during-calls',
    agentMode: entry.agentMode ?? true,
    fingerprint: fingerprint(launch),
    envNames: namedVariables(entry),
  };
}

/** As VS Code infers it; `transport` and `streamable-http` are other ways of its own to say the same. */
function launchType(entry: ServerEntry, problems: EntryProblems): Launch['type'] | undefined {
  const { type, command, url } = entry;
  const needs = type === undefined ? undefined : type === 'stdio' ? 'command' : 'url';
  if (needs !== undefined && entry[needs] === undefined) {
    problems.error(
      needs,
      `"${needs}" is missing: a server of type "${type}" needs it. Add "${needs}" or change "type".`,
    );
    return undefined;
  }
  if (type === undefined && command === undefined && url === undefined) {
    problems.error(
      'command',
      '"command" is missing, and "url" too. Add "command" to run a program, or "url" for a server that runs elsewhere.',
    );
    return undefined;
  }
  if (type === undefined && command !== undefined && url !== undefined) {
    problems.error(
      'type',
      '"type" is missing although there are both "command" and "url". Set "type" to "stdio" or "http", or remove one of the two.',
    );
    return undefined;
  }
  if (type === 'stdio' || (type === undefined && command !== undefined)) return 'stdio';
  return type === 'sse' || (type !== 'streamable-http' && entry['transport'] === 'sse') ? 'sse' : 'http';
}

const fieldsOf = {
  stdio: ['command', 'args', 'env', 'inheritEnv', 'envFile', 'cwd'],
  http: ['url', 'headers'],
} as const;

function warnOfUnusedFields(entry: ServerEntry, type: Launch['type'], problems: EntryProblems): void {
  for (const field of fieldsOf[type === 'stdio' ? 'http' : 'stdio']) {
    const value = entry[field];
    // Exported entries often carry an empty list or object of the other kind.
    if (value !== undefined && Object.keys(value).length > 0)
      problems.warning(field, `"${field}" has no effect on a server of type "${type}". Remove it.`);
  }
}

/** Replaces variables and makes paths absolute, telling what goes wrong under the field's name. */
class Fields {
  constructor(
    readonly options: ParseOptions,
    readonly problems: EntryProblems,
  ) {}

  text(field: string, value: string): string {
    const { text, problems } = substitute(value, this.options.variables);
    for (const { severity, message } of problems) this.problems[severity](field, `"${field}" ${message}`);
    // A program cannot be given it, and the error of the operating system would not say where it is.
    if (text.includes('\0')) this.problems.error(field, `"${field}" has a NUL character. Remove it.`);
    return text;
  }

  /** `~` stands for the home directory at the start of a command, an argument or a path, as in VS Code. */
  tilde(field: string, value: string): string {
    return this.text(field, value).replace(/^~(?=$|[/\\])/, () => this.options.variables.userHome);
  }

  path(field: string, value: string): string {
    const path = this.tilde(field, value);
    return isAbsolute(path) ? path : resolve(this.options.defaultCwd, path);
  }
}

async function stdioLaunch(entry: ServerEntry, fields: Fields): Promise<StdioLaunch> {
  const command = fields.tilde('command', entry.command ?? '');
  if (command.trim() === '')
    fields.problems.error('command', '"command" is empty. Write the program to run.');
  const args = entry.args?.map((arg, index) => fields.tilde(`args.${index}`, arg)) ?? [];
  const cwd = entry.cwd === undefined ? fields.options.defaultCwd : fields.path('cwd', entry.cwd);
  const values = Object.entries(entry.env ?? {}).map(
    ([name, value]) => [name, typeof value === 'string' ? fields.text(`env.${name}`, value) : value] as const,
  );
  const envFile = entry.envFile === undefined ? undefined : fields.path('envFile', entry.envFile);
  const env = await readEnvironment(values, envFile, fields);
  const inheritEnv = inheritedEnvironment(entry.inheritEnv, fields);
  return { type: 'stdio', command, args, env, cwd, ...(inheritEnv === 'all' ? {} : { inheritEnv }) };
}

function httpLaunch(type: HttpLaunch['type'], entry: ServerEntry, fields: Fields): HttpLaunch {
  const text = fields.text('url', entry.url ?? '').trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    fields.problems.error('url', '"url" is not an address. Write one that starts with http:// or https://.');
  } else if (url.username || url.password) {
    // `fetch` refuses such addresses, and they end up in logs.
    fields.problems.error('url', '"url" holds a user name or password. Send them in "headers" instead.');
  }
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(entry.headers ?? {})) {
    const header: [string, string] = [name, fields.text(`headers.${name}`, value)];
    try {
      new Headers([header]);
      headers.push(header);
    } catch {
      fields.problems.error(
        `headers.${name}`,
        `"headers.${name}" is not a header that can be sent. Use letters, digits and hyphens in its name and no line breaks in its value.`,
      );
    }
  }
  if (url !== undefined) warnOfOpenSecrets(url, headers, fields.problems);
  return { type, url: url?.href ?? text, headers: Object.fromEntries(headers) };
}

/** On the way to another machine, `http:` is for everybody to read. */
function warnOfOpenSecrets(
  url: URL,
  headers: readonly (readonly [name: string, value: string])[],
  problems: EntryProblems,
): void {
  if (url.protocol !== 'http:' || isLoopback(url.hostname)) return;
  const advice = 'anybody on the way can read it. Write https:// in "url".';
  for (const [name, value] of headers)
    if (isSecretName(name) && value.trim() !== '')
      problems.warning(
        `headers.${name}`,
        `"headers.${name}" goes to another machine without encryption: ${advice}`,
      );
  const secrets = [
    ...[...url.searchParams].filter(([name, value]) => isSecretName(name) || isKeyLike(value)),
    ...url.pathname.split('/').filter(isKeyLike),
  ];
  if (secrets.length > 0)
    problems.warning(
      'url',
      `"url" has what looks like a secret, which goes to another machine without encryption: ${advice}`,
    );
}

const isLoopback = (host: string): boolean =>
  /(?:^|\.)localhost\.?$/.test(host) || /^127\./.test(host) || host === '[::1]';
