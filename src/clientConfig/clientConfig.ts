import type { ServerId } from '../gateway/model/definition.js';
import type { Client } from './clients.js';
import { entryName } from './entryName.js';
import { jsonFile, mergeJson } from './jsonFile.js';
import type { Reach } from './reach.js';
import { commandLine, type Shell } from './shell.js';
import { mergeToml, tomlFile } from './tomlFile.js';

/** What a client is told of the gateway. */
export interface Choice {
  readonly client: Client;
  /** All of them, as one, where it is left out. */
  readonly server: ServerId | undefined;
  readonly reach: Reach;
}

/** A text for the clipboard: one command for a terminal, or what a configuration file holds. */
export interface Configuration {
  readonly kind: 'command' | 'file';
  readonly text: string;
}

/** The exact text for a client: its own command where it has one that the shell can be given, else the file's. */
export function configurationText({ client, server, reach }: Choice, shell: Shell): Configuration {
  const name = entryName(server, client.underscores);
  const words = client.command(name, reach);
  const command = words && commandLine(words, shell);
  if (command !== undefined) return { kind: 'command', text: command };
  const file = client.format === 'toml' ? tomlFile : jsonFile;
  return { kind: 'file', text: file(name, client.entry(reach)) };
}

/** A client's file with the entry in it. */
export interface MergedFile {
  readonly name: string;
  readonly text: string;
  /** Whether there was an entry of that name. */
  readonly replaces: boolean;
}

/**
 * @param current text of the client's file; empty where there is none yet
 * @throws ConfigFileError where the file is broken, or such that nothing can be added without losing something
 */
export function mergeConfiguration({ client, server, reach }: Choice, current: string): MergedFile {
  const name = entryName(server, client.underscores);
  const merge = client.format === 'toml' ? mergeToml : mergeJson;
  return { name, ...merge(current, name, client.entry(reach)) };
}
