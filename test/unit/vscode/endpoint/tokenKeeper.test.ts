import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TokenKeeper } from '../../../../src/vscode/endpoint/tokenKeeper.js';
import { silentLog } from '../chat/support.js';
import { secrets } from '../support.js';

describe('the token of the endpoint', () => {
  const keepers: TokenKeeper[] = [];
  const window = (shared: ReturnType<typeof secrets>): TokenKeeper => {
    const keeper = new TokenKeeper(shared, silentLog);
    keepers.push(keeper);
    return keeper;
  };
  afterEach(() => {
    for (const keeper of keepers.splice(0)) keeper.dispose();
  });

  it('is 256 bits, made once and found again at the next start', async () => {
    const shared = secrets();
    const token = await window(shared).ready();
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await window(shared).ready(), token);
    assert.notEqual(await window(secrets()).ready(), token);
  });

  it('is not there before it was read', () => {
    assert.throws(() => window(secrets()).current, /not there yet/);
  });

  it('is the same in two windows that make it at the same time', async () => {
    const shared = secrets();
    const [a, b] = [window(shared), window(shared)];
    await Promise.all([a.ready(), b.ready()]);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.equal(a.current, b.current);
    assert.deepEqual([...shared.stored.values()], [a.current]);
  });

  it('is another in every window after a rotation, and each is told once', async () => {
    const shared = secrets();
    const [a, b] = [window(shared), window(shared)];
    const old = await a.ready();
    await b.ready();
    const told = { a: 0, b: 0 };
    a.onDidChange(() => told.a++);
    const bChanged = new Promise<void>((resolve) => {
      b.onDidChange(() => {
        told.b++;
        resolve();
      });
    });
    await a.rotate();
    await bChanged;
    assert.notEqual(a.current, old);
    assert.equal(a.current, b.current);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    assert.deepEqual(told, { a: 1, b: 1 });
  });

  it('replaces what is no token', async () => {
    const shared = secrets();
    await window(shared).ready();
    const [key] = shared.stored.keys();
    shared.stored.set(key!, 'short');
    const token = await window(shared).ready();
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(shared.stored.get(key!), token);
  });

  it('holds for the session when nothing can be kept, and the log says so without it', async () => {
    const warnings: string[] = [];
    const broken = { ...secrets(), get: () => Promise.reject(new Error('no keyring')) };
    const keeper = new TokenKeeper(broken, { ...silentLog, warn: (line) => warnings.push(line) });
    keepers.push(keeper);
    const token = await keeper.ready();
    assert.equal(await keeper.ready(), token);
    assert.match(warnings.join('\n'), /no keyring/);
    assert.ok(!warnings.join('\n').includes(token));
  });
});
