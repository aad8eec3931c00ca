/** Entry point of the extension host; filled in as the rooms behind it arrive. */
export function activate(): void {
  return;
}
