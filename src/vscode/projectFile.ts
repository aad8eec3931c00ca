import * as vscode from 'vscode';
import { type Choice, type MergedFile, mergeConfiguration } from '../clientConfig/clientConfig.js';
import { ConfigFileError } from '../clientConfig/configFileError.js';
import { mostBytesOfTextFile, tooLarge } from '../gateway/config/textFile.js';
import { notificationText } from './serverText.js';

/** Of the documents that only show what a file would become. */
const SCHEME = 'mcp-gateway-merge';
const WRITE = 'Write';

/** Puts a client's configuration into its file of the project, after the user has seen what will change. */
export class ProjectFileWriter implements vscode.Disposable, vscode.TextDocumentContentProvider {
  /** By URI, as long as the question about it is open. */
  private readonly shown = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private questions = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.shown.get(uri.toString()) ?? '';
  }

  dispose(): void {
    this.registration.dispose();
  }

  /**
   * @param path of the client's file, relative to the project's folder
   * @throws Error for people: the file is broken, too large, or another one than when the question was asked
   */
  async write(choice: Choice, path: string): Promise<void> {
    const folder = await pickFolder(path);
    if (!folder) return;
    const file = vscode.Uri.joinPath(folder.uri, path);
    const before = await read(file, path);
    const merged = merge(choice, path, before?.getText() ?? '');
    if (merged.text === before?.getText()) {
      void vscode.window.showInformationMessage(`${path} has this configuration already.`);
      return;
    }
    const old = before?.getText();
    if (!(await this.agreed(before?.uri, merged, path))) return;

    const document = await read(file, path);
    if (document?.getText() !== old)
      throw new Error(`${path} has changed meanwhile and was left as it is. Run the command again.`);
    await apply(file, document, merged.text, path);
    const { label } = choice.client;
    const what = document?.isDirty
      ? `Put "${merged.name}" into ${path}, which has changes that are not saved. Save it, so that ${label} reads it when it starts.`
      : `Wrote "${merged.name}" into ${path}. ${label} reads it when it starts.`;
    void vscode.window.showInformationMessage(notificationText(what));
  }

  /** Shows the difference and asks. */
  private async agreed(before: vscode.Uri | undefined, merged: MergedFile, path: string): Promise<boolean> {
    const question = ++this.questions;
    const page = (what: string): vscode.Uri =>
      vscode.Uri.from({ scheme: SCHEME, path: `/${question}/${what}/${path}` });
    const after = page('after');
    this.shown.set(after.toString(), merged.text);
    try {
      await vscode.commands.executeCommand(
        'vscode.diff',
        before ?? page('before'),
        after,
        `${path}: what changes`,
      );
      const replaced = merged.replaces ? ` It takes the place of the entry of that name.` : '';
      const answer = await vscode.window.showInformationMessage(
        `Write "${merged.name}" into ${path}?${replaced} It names files of this machine: keep it out of what you share.`,
        WRITE,
        'Cancel',
      );
      return answer === WRITE;
    } finally {
      this.shown.delete(after.toString());
      await closeDiff(after);
    }
  }
}

async function pickFolder(path: string): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length === 1
    ? folders[0]
    : vscode.window.showWorkspaceFolderPick({ placeHolder: `Write ${path} into which folder?` });
}

/** With the changes that are not saved yet, if it is open; `undefined` where there is no such file. */
async function read(file: vscode.Uri, path: string): Promise<vscode.TextDocument | undefined> {
  try {
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > mostBytesOfTextFile) throw new Error(`${path} ${tooLarge}. Add the entry by hand.`);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return undefined;
    throw error;
  }
  return vscode.workspace.openTextDocument(file);
}

function merge(choice: Choice, path: string, current: string): MergedFile {
  try {
    return mergeConfiguration(choice, current);
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw new Error(`${path} ${error.message}. Nothing was changed: mend it and run the command again.`, {
      cause: error,
    });
  }
}

async function apply(
  file: vscode.Uri,
  document: vscode.TextDocument | undefined,
  text: string,
  path: string,
): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  if (document) {
    const all = new vscode.Range(document.positionAt(0), document.positionAt(document.getText().length));
    edit.replace(file, all, text);
  } else {
    edit.createFile(file, { contents: Buffer.from(text), ignoreIfExists: false });
  }
  // What the user has not saved yet is not ours to save.
  const save = document?.isDirty === false;
  if (!(await vscode.workspace.applyEdit(edit)) || (save && !(await document.save())))
    throw new Error(
      `${path} could not be written. See whether you may change it, and run the command again.`,
    );
}

async function closeDiff(after: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const ours = tabs.filter(
    ({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.toString() === after.toString(),
  );
  if (ours.length > 0) await vscode.window.tabGroups.close(ours);
}
