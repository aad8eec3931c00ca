import * as vscode from 'vscode';
import type { TokenKeeper } from './tokenKeeper.js';

/** The commands about the endpoint. */
export const registerEndpointCommands = (token: TokenKeeper): vscode.Disposable =>
  vscode.commands.registerCommand('mcpGateway.rotateToken', () => rotateToken(token));

const ROTATE = 'Rotate Token';

async function rotateToken(token: TokenKeeper): Promise<void> {
  const answer = await vscode.window.showWarningMessage(
    'Make a new token for the endpoint of MCP Gateway?',
    {
      modal: true,
      detail:
        'Every session of another agent ends, in all windows. Configurations that hold the old token stop working until you copy them again; those without one connect again by themselves, as agent mode does.',
    },
    ROTATE,
  );
  if (answer !== ROTATE) return;
  try {
    await token.rotate();
    void vscode.window.showInformationMessage('The endpoint of MCP Gateway has a new token.');
  } catch (error) {
    void vscode.window.showErrorMessage(
      `The new token could not be stored, so the old one still holds: ${(error as Error).message}`,
    );
  }
}
