import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../../src/extension.js';

export const EXTENSION_ID = 'mcp-tool-gateway.mcp-tool-gateway';

/** What the runner tells the suite through the environment. */
export function fromRunner(name: 'SCENARIO_DIR' | 'XDG_SPAWN_LOG'): string {
  const value = process.env[name];
  assert.ok(value, `${name} is set by the runner`);
  return value;
}

export async function gatewayApi(): Promise<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>(EXTENSION_ID);
  assert.ok(extension, 'the extension is there');
  return extension.activate();
}

/** The servers started so far, by name, each as often as it was started. */
export async function started(): Promise<string[]> {
  const text = await readFile(fromRunner('XDG_SPAWN_LOG'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')[0] ?? '']));
}

/** Where a scenario leaves something for the one after it. */
export const scenarioFile = (name: string): string => join(fromRunner('SCENARIO_DIR'), name);

export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  boundMs = 60_000,
): Promise<void> {
  const end = Date.now() + boundMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `waited ${boundMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the scripted model was asked, as plain JSON (see the fixture). */
export interface ModelRequest {
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly Record<string, unknown>[];
  }[];
  readonly tools: readonly string[];
}

interface ScriptedModel {
  readonly requests: ModelRequest[];
  clear(): void;
}

async function scriptedModel(): Promise<ScriptedModel> {
  const extension = vscode.extensions.getExtension<ScriptedModel>('mcp-tool-gateway-tests.scripted-model');
  assert.ok(extension);
  return extension.activate();
}

/** Sends a line in the chat view with the scripted model picked; answers what the model was asked meanwhile. */
export async function chat(query: string): Promise<readonly ModelRequest[]> {
  const model = await scriptedModel();
  model.clear();
  await vscode.commands.executeCommand('workbench.action.chat.open', {
    query,
    mode: 'ask',
    modelSelector: { vendor: 'scripted', id: 'scripted-1' },
    blockOnResponse: true,
  });
  return [...model.requests];
}

/** Runs a tool through VS Code's own MCP client, as agent mode does. */
export async function invoke(tool: string, input: object = {}): Promise<string> {
  const found = vscode.lm.tools.find(({ name }) => /^mcp_/.test(name) && name.endsWith(`_${tool}`));
  assert.ok(found, `${tool} is in lm.tools`);
  const { content } = await vscode.lm.invokeTool(found.name, { input, toolInvocationToken: undefined });
  return JSON.stringify(content);
}
