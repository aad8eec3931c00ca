import { RotatingLines } from '../base/files/rotatingLines.js';
import { writeCallRecord } from '../gateway/model/callRecord.js';
import type { CallRecords, Logger } from '../gateway/ports.js';
import { callsFile, type Machine } from './stateDirectory.js';

/** Bytes of one file: about 5,000 calls. The one before it is kept too. */
const MAX_BYTES = 1024 * 1024;
const MAX_WAITING = 10_000;
const GATHER_MS = 500;

/** Keeps the record of calls of one program in the file of all. */
export interface CallsWriter extends CallRecords {
  /** Resolves when everything is written, or could not be. Never throws. */
  dispose(): Promise<void>;
}

/** @param own who makes the calls that come from no client */
export function openCallsFile(machine: Machine, own: string, logger: Logger): CallsWriter {
  const path = callsFile(machine);
  const lines = new RotatingLines({
    path,
    maxBytes: MAX_BYTES,
    maxWaiting: MAX_WAITING,
    gatherMs: GATHER_MS,
    onProblem: ({ message }) => {
      logger.warn(
        `The record of calls could not be written (${message}). Calls go on; make ${path} writable to have them recorded.`,
      );
    },
  });
  return {
    own,
    record: (call) => {
      lines.add(writeCallRecord(call));
    },
    dispose: () => lines.dispose(),
  };
}
