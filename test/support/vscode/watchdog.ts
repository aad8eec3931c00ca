/**
 * Ends a process tree as soon as the process that started this watchdog is gone, however it went: its end of
 * the standard input closes with it, also when it was killed and could not tidy up.
 */
import { endProcessTree } from './processTree.js';

const root = Number(process.argv[2]);

process.stdin.resume();
process.stdin.on('close', () => {
  void endProcessTree(root, 1_000).then(() => process.exit(0));
});
