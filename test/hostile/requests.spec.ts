import { describe, expect, it } from 'vitest';

import { hostileBench } from '../support/hostile-bench.js';
import { perFile } from '../support/per-file.js';

const MEBIBYTE = 1024 * 1024;
const JSON_BODY = { 'content-type': 'application/json' };
const SILENT_CONNECTIONS = 30;

const bench = await perFile(hostileBench());

const padded = (start: string, unit: string, bytes: number, end: string): string =>
  `${start}${unit.repeat(Math.floor(bytes / unit.length))}""${end}`;

describe('a hostile request', () => {
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
    const statuses = await bench.whileOthersAreServed(() =>
      bench.attacker.fire(4, path, { method: 'POST', headers: JSON_BODY, body }),
    );
    expect(statuses).toEqual([400, 400, 400, 400]);
    await bench.untilMemoryReturns(250);
  });

  it('does not delay the gateway with a header', async () => {
    const prefer = `a=${' '.repeat(15_000)}"`;
    const statuses = await bench.whileOthersAreServed(() =>
      bench.attacker.fire(20, '/agent/memories', {
        headers: { prefer },
        body: { content: 'A fact with a long header, number %n.' },
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('without an API key is not read for long', async () => {
    const length = 16 * MEBIBYTE;
    const head = `POST /agent/memories/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    const lines = await bench.whileOthersAreServed(() =>
      bench.hold({ times: SILENT_CONNECTIONS, head, bytes: length }),
    );
    expect(new Set(lines)).toEqual(new Set(['HTTP/1.1 401 Unauthorized']));
    await bench.untilMemoryReturns(150);
  });

  it('puts no key into a log as a trace id', async () => {
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
