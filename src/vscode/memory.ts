/** The part of `vscode.Memento` that is needed: what VS Code keeps for us, shared by all windows. */
export interface Memory {
  readonly get: (key: string) => unknown;
  readonly update: (key: string, value: unknown) => PromiseLike<void>;
}
