import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { UsageError } from '../../../src/cli/failure.js';
import { Output } from '../../../src/cli/output.js';

/** A stream that fails every write like the system does. */
const failing = (code: string): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(`write ${code}`), { code }));
    },
  });

describe('the output of the command line', () => {
  for (const code of ['ENOSPC', 'EIO', 'EFBIG'])
    it(`says so when it cannot be written: ${code}`, async () => {
      await assert.rejects(new Output(failing(code)).write('text'), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, new RegExp(`could not be written \\(${code}\\)`));
        return true;
      });
    });

  it('ends in silence when its reader has gone, and so does what would follow', async () => {
    const output = new Output(failing('EPIPE'));
    await output.write('text');
    await output.write('more');
  });
});
