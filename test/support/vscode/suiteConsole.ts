import { format } from 'node:util';

/** Tells the suite (by this environment variable) and the outer process what marks the suite's own lines. */
export const MARK_VARIABLE = 'SUITE_CONSOLE_MARK';

/**
 * Takes the place of `console` in a bundled suite. A window hands the extension host's console on in one stream
 * with its own log, formats not filled in; so each of the suite's lines is formatted here, and marked when the
 * outer process asked for it.
 */
const suiteConsole = Object.create(globalThis.console, {
  log: printing('log'),
  info: printing('info'),
  warn: printing('warn'),
  error: printing('error'),
}) as Console;

export { suiteConsole as console };

function printing(method: 'log' | 'info' | 'warn' | 'error'): PropertyDescriptor {
  const { [MARK_VARIABLE]: mark = '' } = process.env;
  return {
    value: (...args: unknown[]): void => {
      globalThis.console[method](mark + format(...args));
    },
  };
}
