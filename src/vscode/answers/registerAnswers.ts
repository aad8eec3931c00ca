import * as vscode from 'vscode';
import type { Gateway } from '../../gateway/api.js';
import type { HostAnswers } from './hostAnswers.js';
import { announceRoots } from './roots.js';
import type { SamplingPermissions } from './sampling/permissions.js';

/** Tells servers of changed roots, and registers the command about sampling. */
export const registerAnswers = (gateway: Gateway, { permissions }: HostAnswers): vscode.Disposable =>
  vscode.Disposable.from(
    announceRoots(gateway),
    vscode.commands.registerCommand('mcpGateway.resetSampling', () => resetSampling(permissions)),
  );

async function resetSampling(permissions: SamplingPermissions): Promise<void> {
  const count = await permissions.reset();
  void vscode.window.showInformationMessage(
    count === 0
      ? 'No server was allowed or refused a language model, so there was nothing to reset.'
      : `What you said about ${count} ${count === 1 ? 'server' : 'servers'} was forgotten; you will be asked again.`,
  );
}
