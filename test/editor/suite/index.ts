/** The entry that the extension host loads: it runs every suite file that was bundled beside it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  // In here `console` is the suite's own, whose lines reach the outer process; see buildSuite.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]): void => {
    console.log(...args);
  };
  const { SUITE_GREP: grep } = process.env;
  const mocha = new Mocha({
    ui: 'bdd',
    color: false,
    timeout: 120_000,
    forbidOnly: true,
    ...(grep === undefined ? {} : { grep }),
  });
  for (const file of readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file));
  }

  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} of the suite's tests failed.`);
}
