import { sep } from 'node:path';

/** What the variables of a setting stand for. */
export interface VariableContext {
  /** Path of the folder that the settings belong to. */
  readonly workspaceFolder: string | undefined;
  /** Paths of all workspace folders by their names. */
  readonly workspaceFolders: ReadonlyMap<string, string>;
  readonly userHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The value of another setting, `undefined` where there is none. */
  config(key: string): unknown;
}

/** What was wrong with one variable. Says names, never values. */
export interface VariableProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export interface Variable {
  /** As written, with its braces. */
  readonly text: string;
  readonly name: string;
  readonly argument: string | undefined;
}

type Value = { readonly value: string; readonly warning?: string } | { readonly error: string };

const bound = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const instead = {
  input:
    'asks for a value, which is not supported yet. Put the value into an environment variable and use ${env:NAME}.',
  command: 'runs a command, which is not supported here. Use ${env:NAME} or write the value itself.',
  editor: 'belongs to the open editor, which a server does not have. Use ${workspaceFolder} or a fixed path.',
  folder: 'is not supported here. Use ${workspaceFolder}.',
  program: 'is not supported here. Write the path itself or use ${env:NAME}.',
} as const;

/** VS Code's other variables (https://code.visualstudio.com/docs/reference/variables-reference) and what to use instead. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ['input', instead.input],
  ['command', instead.command],
  ...[
    'file',
    'fileBasename',
    'fileBasenameNoExtension',
    'fileDirname',
    'fileDirnameBasename',
    'fileExtname',
    'fileWorkspaceFolder',
    'fileWorkspaceFolderBasename',
    'relativeFile',
    'relativeFileDirname',
    'lineNumber',
    'columnNumber',
    'selectedText',
  ].map((name) => [name, instead.editor] as const),
  ...['workspaceRoot', 'workspaceRootFolderName', 'workspaceFolderBasename', 'cwd'].map(
    (name) => [name, instead.folder] as const,
  ),
  ...['execPath', 'execInstallFolder', 'extensionInstallFolder', 'defaultBuildTask'].map(
    (name) => [name, instead.program] as const,
  ),
]);

/**
 * Replaces `${…}` in a setting the way VS Code does: one pass, braces balanced, what is put in is not looked at again.
 * Text of another shape (a shell's `${HOME}`) stays as it is, with a warning, because it may be meant so.
 */
export function substitute(
  text: string,
  context: VariableContext,
): { readonly text: string; readonly problems: readonly VariableProblem[] } {
  const problems: VariableProblem[] = [];
  let result = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf('${', from);
    if (at < 0) return { text: result + text.slice(from), problems };
    result += text.slice(from, at);
    const variable = readVariable(text, at);
    if (variable === undefined) {
      problems.push({ severity: 'warning', message: 'has a "${" without its "}"; it is left as it is.' });
      return { text: result + text.slice(at), problems };
    }
    from = at + variable.text.length;
    const resolved = resolve(variable, context);
    if (resolved === undefined) {
      problems.push({
        severity: 'warning',
        message: `has ${bound(variable.text)}, which is no variable of the settings; it is left as it is. For an environment variable, write \${env:NAME}.`,
      });
      result += variable.text;
    } else if ('error' in resolved) {
      problems.push({ severity: 'error', message: `has ${bound(variable.text)}, which ${resolved.error}` });
    } else {
      if (resolved.warning !== undefined)
        problems.push({ severity: 'warning', message: `has ${bound(variable.text)}, ${resolved.warning}` });
      result += resolved.value;
    }
  }
}

/** The variables that a text holds, in its order; what is inside of one is not looked at. */
export function variablesIn(text: string): readonly Variable[] {
  const found: Variable[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf('${', from);
    const variable = at < 0 ? undefined : readVariable(text, at);
    if (variable === undefined) return found;
    found.push(variable);
    from = at + variable.text.length;
  }
}

function readVariable(text: string, start: number): Variable | undefined {
  let depth = 0;
  for (let end = start + 1; end < text.length; end++) {
    if (text[end] === '{') depth++;
    else if (text[end] === '}' && --depth === 0) {
      const inner = text.slice(start + 2, end);
      const colon = inner.indexOf(':');
      return {
        text: text.slice(start, end + 1),
        name: colon < 0 ? inner : inner.slice(0, colon),
        argument: colon < 0 ? undefined : inner.slice(colon + 1),
      };
    }
  }
  return undefined;
}

/** @returns `undefined` for what is no variable of VS Code's */
function resolve({ name, argument }: Variable, context: VariableContext): Value | undefined {
  const nested = argument?.includes('${') === true;
  switch (name) {
    case 'workspaceFolder':
      return nested ? nestedError : workspaceFolder(argument, context);
    case 'userHome':
      return { value: context.userHome };
    case 'pathSeparator':
    case '/':
      return { value: sep };
    case 'env':
      return nested ? nestedError : environmentVariable(argument, context);
    case 'config':
      return nested ? nestedError : setting(argument, context);
    default: {
      const error = unsupported.get(name);
      return error === undefined ? undefined : { error };
    }
  }
}

const nestedError: Value = {
  error: 'has another variable inside. Variables cannot be nested; write the inner value itself.',
};

function workspaceFolder(name: string | undefined, context: VariableContext): Value {
  if (name !== undefined) {
    const folder = context.workspaceFolders.get(name);
    if (folder !== undefined) return { value: folder };
    const names = [...context.workspaceFolders.keys()].map(bound).slice(0, 5).join(', ');
    return {
      error: `names no workspace folder. ${names ? `Use one of: ${names}.` : 'Open the folder first.'}`,
    };
  }
  if (context.workspaceFolder !== undefined) return { value: context.workspaceFolder };
  return {
    error:
      context.workspaceFolders.size > 1
        ? 'could be one of several workspace folders. Write ${workspaceFolder:name}.'
        : 'needs a workspace folder. Open a folder, or write the path itself.',
  };
}

function environmentVariable(name: string | undefined, { env }: VariableContext): Value {
  if (!name) return { error: 'names no environment variable. Write ${env:NAME}.' };
  // Names are case-insensitive on Windows, and a copy of `process.env` has lost that.
  const key =
    Object.hasOwn(env, name) || process.platform !== 'win32'
      ? name
      : Object.keys(env).find((other) => other.toLowerCase() === name.toLowerCase());
  const value = key !== undefined && Object.hasOwn(env, key) ? env[key] : undefined;
  if (value !== undefined) return { value };
  return {
    value: '',
    warning: 'but there is no such environment variable; it is empty. Set it before the program starts.',
  };
}

function setting(key: string | undefined, context: VariableContext): Value {
  if (!key) return { error: 'names no setting. Write ${config:some.setting}.' };
  let value: unknown;
  try {
    value = context.config(key);
  } catch {
    value = undefined;
  }
  if (typeof value === 'string') return { value };
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return { value: String(value) };
  if (value === undefined || value === null)
    return { error: 'names a setting that is not set. Set it first.' };
  return {
    error: 'names a setting that is not a plain value. Use one that is text, a number or true or false.',
  };
}
