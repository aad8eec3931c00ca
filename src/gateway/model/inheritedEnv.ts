/**
 * What of the host's environment a server inherits: all of it, what no secret is kept in, or what the list names, in which
 * `safe` stands for the latter. Never what only other servers' settings name.
 */
export type InheritEnv = 'all' | 'safe' | readonly string[];

const SAFE_NAMES: ReadonlySet<string> = new Set([
  // Who and where the user is.
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'COLORTERM', 'NO_COLOR', 'TZ'],
  ...['LANG', 'LANGUAGE', '__CF_USER_TEXT_ENCODING', 'TMPDIR', 'TMP', 'TEMP'],
  // Ways out of a company's network.
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'NODE_USE_ENV_PROXY'],
  ...['NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NIX_SSL_CERT_FILE'],
  ...['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PIP_CERT'],
  // A browser that a server opens needs a display; every process of the user can reach it anyway.
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'DBUS_SESSION_BUS_ADDRESS'],
  // Folders of version managers and runtimes, without which their shims find nothing.
  ...['NVM_DIR', 'VOLTA_HOME', 'ASDF_DIR', 'ASDF_DATA_DIR', 'PYENV_ROOT', 'JAVA_HOME', 'DOTNET_ROOT'],
  // Windows: without the first few, hardly a program starts.
  ...['SYSTEMROOT', 'WINDIR', 'SYSTEMDRIVE', 'COMSPEC', 'PATHEXT', 'OS', 'PSMODULEPATH', 'SESSIONNAME'],
  ...['APPDATA', 'LOCALAPPDATA', 'USERPROFILE', 'USERNAME', 'USERDOMAIN', 'HOMEDRIVE', 'HOMEPATH', 'PUBLIC'],
  ...['PROGRAMDATA', 'ALLUSERSPROFILE', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432', 'COMPUTERNAME'],
  ...['COMMONPROGRAMFILES', 'COMMONPROGRAMFILES(X86)', 'COMMONPROGRAMW6432'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'],
]);

const SAFE_PREFIX = /^(LC|XDG)_/;

/** Whether programs need the variable and no secret is kept in it. Letter case makes no difference. */
export function isSafeVariable(name: string): boolean {
  const upper = name.toUpperCase();
  return SAFE_NAMES.has(upper) || SAFE_PREFIX.test(upper);
}

/** A variable's name as the system compares it: Windows ignores case. */
export const variableKey = (name: string, platform: NodeJS.Platform = process.platform): string =>
  platform === 'win32' ? name.toUpperCase() : name;

/** @returns whether a server inherits the variable of this name */
export function inheritedBy(
  inherit: InheritEnv,
  platform: NodeJS.Platform = process.platform,
): (name: string) => boolean {
  if (inherit === 'all') return () => true;
  if (inherit === 'safe') return isSafeVariable;
  const listed = new Set(inherit.map((name) => variableKey(name, platform)));
  const safeToo = inherit.includes('safe');
  return (name) => listed.has(variableKey(name, platform)) || (safeToo && isSafeVariable(name));
}
