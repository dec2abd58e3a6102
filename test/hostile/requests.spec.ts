import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HostileBench, hostileBench } from '../support/hostile-bench.js';

const MEBIBYTE = 1024 * 1024;
const SILENT_CONNECTIONS = 60;

let bench: HostileBench;

beforeAll(async () => {
  bench = await hostileBench();
});
afterAll(() => bench.close());

const padded = (start: string, unit: string, bytes: number, end: string): string =>
  `${start}${unit.repeat(Math.floor(bytes / unit.length))}""${end}`;

describe('a request that means harm', () => {
  it.each([
    ['/agent/memories', '{"content":"b","pad":[', '"",', 1.9],
    ['/agent/memories', '{"content":"b","metadata":{"pad":[', '"",', 1.9],
    ['/agent/memories', '{"content":"b","pad":[', '{"a":""},', 1.9],
    ['/agent/memories/batch', '{"writes":[{"content":"b"}],"pad":[', '"",', 15.9],
    ['/agent/memories/batch', '{"writes":[{"content":"b"}],"pad":[', '[],', 15.9],
    ['/agent/query', '{"question":"b","pad":[', '0,', 1.9],
  ])('costs %s no more than its bytes: %s %s', async (path, start, unit, megabytes) => {
    const end = start.includes('metadata') ? ']}}' : ']}';
    const body = padded(start, unit, megabytes * MEBIBYTE, end);
    const answers = await bench.whileOthersAreServed(() =>
      Promise.all(Array.from({ length: 4 }, () => bench.attacker.call(path, { body }))),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    await bench.untilMemoryReturns(250);
  });

  it('does not hold a gateway up with a header', async () => {
    const prefer = `a=${' '.repeat(15_000)}"`;
    const answers = await bench.whileOthersAreServed(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          bench.attacker.call('/agent/memories', {
            headers: { prefer },
            body: { content: `A fact with a long header, number ${n}.` },
          }),
        ),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('is not read for long where it brings no key', async () => {
    const sockets: Socket[] = [];
    const answers = await bench.whileOthersAreServed(async () => {
      const heard = Array.from({ length: SILENT_CONNECTIONS }, async () => {
        const socket = connect(Number(new URL(bench.product.url).port), '127.0.0.1');
        sockets.push(socket);
        // The gateway may close what it does not want to read.
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        const length = 16 * MEBIBYTE;
        socket.write(
          `POST /agent/memories/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
        );
        const answer = once(socket, 'data').then(([data]) => String(data).slice(0, 12));
        socket.write(Buffer.alloc(length - 1, ' '));
        return Promise.race([answer, delay(10_000).then(() => 'nothing')]);
      });
      return Promise.all(heard);
    });
    for (const socket of sockets) socket.destroy();
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 401']));
    await bench.untilMemoryReturns(150);
  });

  it('does not get a key into a log as a trace id', async () => {
    const key = '5d0c77e1ab93f2460123456789abcdef';
    const llm = bench.llm({ id: 'trace', parts: [['{}', 1]] }, { key });
    const answer = await bench.attacker.call('/agent/memories', {
      headers: { traceparent: `00-${key}-0123456789abcdef-01` },
      body: { messages: [{ role: 'user', content: 'Robin keeps bees.' }], llm },
    });
    expect(answer.status).toBe(400);
    expect(bench.product.logs()).not.toContain(key);
  });
});
