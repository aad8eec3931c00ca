/** Variables of VS Code's own that would change how a server's Node or Electron behaves. */
const OWN = /^(ELECTRON_|VSCODE_|APPLICATION_INSIGHTS_NO_|CHROME_DESKTOP$)/;

/** What servers inherit from the extension host: all but what is VS Code's own business. */
export function serverEnvironment(
  host: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(host).filter(([name]) => !OWN.test(name)));
}
