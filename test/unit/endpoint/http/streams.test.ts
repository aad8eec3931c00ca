import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { EventStream } from '../../../../src/endpoint/http/eventStream.js';
import { Exchange } from '../../../../src/endpoint/http/exchange.js';
import { Replay } from '../../../../src/endpoint/http/replay.js';
import { until } from '../../../support/gateway.js';

const TICK_MS = 10;

/** An answer to a client that reads all at once. */
class Response extends EventEmitter {
  readonly written: string[] = [];
  readonly writableLength = 0;
  destroyed = false;

  write(text: string): boolean {
    this.written.push(text);
    return true;
  }

  writeHead(): this {
    return this;
  }

  flushHeaders(): void {
    this.written.push('head');
  }

  end(): void {
    this.close();
  }

  close(): void {
    this.destroyed = true;
    this.emit('close');
  }

  get keptAlive(): number {
    return this.written.filter((text) => text.includes('keep-alive')).length;
  }
}

const asResponse = (response: Response): ServerResponse => response as unknown as ServerResponse;
const limits = { keepAliveMs: TICK_MS, unreadBytes: 1000 };
const stream = (): EventStream => new EventStream('s', new Replay(10, 1000), limits, () => undefined);

/** Long enough for a timer of one tick that should not be there. */
async function someTicks(): Promise<void> {
  const [clock, response] = [stream(), new Response()];
  clock.attach(asResponse(response), 0, false);
  await until(() => response.keptAlive >= 3, 'the clock has ticked');
  clock.end();
}

describe('EventStream', () => {
  it('shows one connection at a time that it is alive, and none once it has ended', async () => {
    const all = stream();
    const responses = [new Response(), new Response(), new Response()];
    for (const response of responses) all.attach(asResponse(response), 0, false);
    const [first, second, last] = responses as [Response, Response, Response];
    await until(() => last.keptAlive >= 3, 'the last one is kept alive');
    assert.deepEqual([first.keptAlive, second.keptAlive], [0, 0]);
    all.end();
    const { keptAlive } = last;
    await someTicks();
    assert.equal(last.keptAlive, keptAlive);
  });
});

describe('Exchange', () => {
  it('makes no stream for a client that went away while the answer was to be plain', async () => {
    const response = new Response();
    let gone = 0;
    const exchange = new Exchange(
      1,
      asResponse(response),
      { json: true, events: true },
      {
        plainMs: TICK_MS,
        newStream: () => assert.fail('became a stream'),
        primed: () => false,
        onGone: () => gone++,
      },
    );
    assert.ok(exchange.open);
    response.close();
    await someTicks();
    assert.deepEqual([gone, exchange.open, response.written], [1, false, []]);
    exchange.answer('{}');
    assert.deepEqual(response.written, []);
  });
});
