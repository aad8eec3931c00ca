import { thisMachine, tokensDirectory } from '../../endpoint/stateDirectory.js';
import { isExpired, type ClientToken } from '../../endpoint/tokens/clientToken.js';
import { TokenStore, TokenStoreError } from '../../endpoint/tokens/tokenStore.js';
import type { TokenAction, TokenCreateOptions } from '../commandLine.js';
import { exitCodes, UsageError } from '../failure.js';
import type { Output } from '../output.js';
import { table } from '../table.js';

/** Makes, shows and revokes the tokens of single clients. @throws UsageError */
export async function token(action: TokenAction, output: Output): Promise<number> {
  const store = new TokenStore(tokensDirectory(thisMachine()));
  try {
    await output.write(await act(store, action));
  } catch (error) {
    if (error instanceof TokenStoreError) throw new UsageError(error.message);
    throw error;
  }
  return exitCodes.done;
}

async function act(store: TokenStore, action: TokenAction): Promise<string> {
  switch (action.action) {
    case 'create':
      return create(store, action.options);
    case 'list': {
      const tokens = await store.list();
      return action.options.json ? json(tokens.map(shown)) : tokenTable(tokens);
    }
    case 'revoke':
      if (!(await store.revoke(action.name)))
        throw new UsageError(`There is no token "${action.name}". "token list" shows those that there are.`);
      return `Revoked "${action.name}". What uses it loses its session within a second.\n`;
  }
}

async function create(store: TokenStore, options: TokenCreateOptions): Promise<string> {
  const { name, servers, readOnly, expires } = options;
  const expiresAt = expires === undefined ? undefined : Date.now() + expires;
  const made = await store.create(name, { readOnly, ...(servers ? { servers } : {}) }, expiresAt);
  if (options.json) return json({ ...shown(made), token: made.token });
  return `Made "${name}": ${scopeOf(made)}, ${expiryOf(made)}.\nA client uses it by "mcp-tool-gateway connect --client ${name}". For a client that speaks HTTP, "--json" prints the token itself.\n`;
}

/** All but the token. */
const shown = ({ token: _, createdAt, expiresAt, ...rest }: ClientToken): object => ({
  ...rest,
  createdAt: new Date(createdAt).toISOString(),
  ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
});

function tokenTable(tokens: readonly ClientToken[]): string {
  if (tokens.length === 0) return 'There are no tokens. Make one with "token create --name NAME".\n';
  const rows = tokens.map((each) => [each.name, scopeOf(each), expiryOf(each)]);
  return table(['NAME', 'MAY USE', 'EXPIRES'], rows, undefined);
}

const scopeOf = ({ servers, readOnly }: ClientToken): string =>
  `${servers ? servers.join(', ') : 'all servers'}${readOnly ? ', only tools that read' : ''}`;

function expiryOf(each: ClientToken): string {
  if (each.expiresAt === undefined) return 'never expires';
  const when = new Date(each.expiresAt).toISOString().slice(0, 16).replace('T', ' ');
  return isExpired(each, Date.now()) ? `expired on ${when} UTC` : `expires on ${when} UTC`;
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
