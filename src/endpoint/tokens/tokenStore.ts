import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownershipFault } from '../../base/files/ownership.js';
import { makePrivateFolder } from '../../base/files/privateFolder.js';
import { writeNew } from '../../base/files/writeNew.js';
import { errorCode, readBounded, removeQuietly } from '../../base/files/atomicFiles.js';
import { newToken } from '../../base/token.js';
import {
  isTokenName,
  readClientToken,
  TOKEN_NAME_RULE,
  writeClientToken,
  type ClientToken,
  type Grant,
} from './clientToken.js';

const SUFFIX = '.json';
const MAX_BYTES = 1024 * 1024;
/** Tokens that one user has, at most. */
const MAX_TOKENS = 200;

/** A token could not be made, found or revoked; the message says why and what to do. */
export class TokenStoreError extends Error {
  override readonly name = 'TokenStoreError';
}

/** The tokens of this user's clients: one file each, which only the user can read, shared by all gateways. */
export class TokenStore {
  readonly #folder: string;

  /** @param folder absolute path; made when the first token is */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes a token.
   * @param expiresAt milliseconds since 1970
   * @throws TokenStoreError when there is one of that name, or it cannot be written
   */
  async create(name: string, grant: Grant, expiresAt: number | undefined): Promise<ClientToken> {
    if (!isTokenName(name))
      throw new TokenStoreError(`"${name}" cannot be a token's name. ${TOKEN_NAME_RULE}`);
    if ((await this.list()).length >= MAX_TOKENS)
      throw new TokenStoreError(`There are ${MAX_TOKENS} tokens already. Revoke some with "token revoke".`);
    const token: ClientToken = {
      name,
      token: newToken(),
      createdAt: Date.now(),
      ...grant,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    try {
      await makePrivateFolder(this.#folder);
      await writeNew(this.#path(name), writeClientToken(token));
    } catch (error) {
      if (errorCode(error) === 'EEXIST')
        throw new TokenStoreError(
          `There is a token "${name}" already. Choose another name, or revoke it with "token revoke ${name}".`,
        );
      const why = errorCode(error) || (error as Error).message;
      throw new TokenStoreError(
        `The token could not be kept in ${this.#folder} (${why}). Make it a folder that only you can write.`,
      );
    }
    return token;
  }

  /** @returns `undefined` when there is none of that name, its file is damaged, or others can read or change it. Never throws. */
  async read(name: string): Promise<ClientToken | undefined> {
    if (!isTokenName(name)) return undefined;
    const path = this.#path(name);
    try {
      if (ownershipFault(await lstat(path), 'private') !== undefined) return undefined;
      const content = await readBounded(path, MAX_BYTES);
      const token = Buffer.isBuffer(content) ? readClientToken(content.toString('utf8')) : undefined;
      return token?.name === name ? token : undefined;
    } catch {
      return undefined;
    }
  }

  /** In the order of their names. Never throws. */
  async list(): Promise<readonly ClientToken[]> {
    const names: string[] = [];
    try {
      for await (const { name } of await opendir(this.#folder)) {
        if (names.length > MAX_TOKENS) break;
        if (name.endsWith(SUFFIX)) names.push(name.slice(0, -SUFFIX.length));
      }
    } catch {
      // No folder, no tokens.
    }
    const tokens = await Promise.all(names.sort().map((name) => this.read(name)));
    return tokens.filter((token) => token !== undefined);
  }

  /** @returns whether there was one @throws TokenStoreError when it cannot be removed */
  async revoke(name: string): Promise<boolean> {
    if (!isTokenName(name)) return false;
    const path = this.#path(name);
    const there = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!there) return false;
    await removeQuietly(path);
    const left = await lstat(path).then(
      () => true,
      () => false,
    );
    if (left)
      throw new TokenStoreError(`${path} could not be deleted. Delete it to end what uses the token.`);
    return true;
  }

  #path(name: string): string {
    return join(this.#folder, `${name}${SUFFIX}`);
  }
}
