import * as vscode from 'vscode';
import type { Gateway } from '../gateway/api.js';
import { isFailed, summaryText, tooltip } from './serverText.js';

/** The number of tools, a spinning icon while something starts, and the reason when something failed. */
export function registerStatusBar(gateway: Gateway): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('servers', vscode.StatusBarAlignment.Right, 90);
  item.name = 'MCP Gateway';
  item.command = 'mcpGateway.listServers';
  const update = (): void => {
    const servers = gateway.servers();
    const { withheld, disabled } = gateway;
    if (servers.length + gateway.problems.length + withheld.length + disabled.length === 0) {
      item.hide();
      return;
    }
    const failed = servers.filter(isFailed);
    const errors = gateway.problems.filter(({ severity }) => severity === 'error');
    const starting = servers.some(({ phase }) => phase === 'starting');
    const tools = servers.reduce((sum, server) => sum + (server.tools ?? 0), 0);
    const wrong = failed.length + errors.length;
    const waiting = withheld.filter(({ reason }) => reason === 'needs-consent').length;
    const icon = starting ? 'sync~spin' : wrong > 0 ? 'error' : waiting > 0 ? 'shield' : 'tools';
    item.text = `$(${icon}) ${tools} MCP`;
    item.tooltip = tooltip(servers, errors, withheld, disabled);
    item.accessibilityInformation = {
      label: `MCP Gateway: ${summaryText(servers, errors)}${waiting > 0 ? `, ${waiting} waiting for your consent` : ''}`,
    };
    item.backgroundColor = wrong > 0 ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    item.show();
  };
  update();
  return vscode.Disposable.from(item, gateway.onDidChangeServers(update));
}
