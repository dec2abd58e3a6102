import { describe, expect, it } from 'vitest';

import { type ServerEvent, serverEvents } from './server-events.js';

const bodyOf = (pieces: readonly Uint8Array[], cancelled?: () => void) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (!cancelled) controller.close();
    },
    cancel: () => cancelled?.(),
  });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = async (pieces: readonly Uint8Array[]): Promise<ServerEvent[]> => {
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(bodyOf(pieces))) events.push(event);
  return events;
};

const STREAM =
  ': hello\nevent: delta\ndata: {"text":"Grüße 👋"}\nid: 7\n\ndata: one\ndata:two\n\n\ndata\n\n';
const EVENTS = [
  { event: 'delta', data: '{"text":"Grüße 👋"}' },
  { event: 'message', data: 'one\ntwo' },
  { event: 'message', data: '' },
].map((event) => ({ ...event, isCut: false }));

describe('server-sent events', () => {
  it.each(['\n', '\r\n', '\r'])('are read with any line end (%j)', async (end) => {
    // A lone carriage return at the very end may be half of a line's end, so one more line is sent.
    const text = `${STREAM.replaceAll('\n', end)}:${end}`;
    await expect(read([bytes(text)])).resolves.toEqual(EVENTS);
  });

  it.each(['\n', '\r\n'])('are read from single bytes (%j)', async (end) => {
    const pieces = [...bytes(STREAM.replaceAll('\n', end))].map((byte) => Uint8Array.of(byte));
    await expect(read(pieces)).resolves.toEqual(EVENTS);
  });

  it('are marked as cut if the body ends within them', async () => {
    await expect(read([bytes('data: whole\n\ndata: cut off')])).resolves.toEqual([
      { event: 'message', data: 'whole', isCut: false },
      { event: 'message', data: 'cut off', isCut: true },
    ]);
  });

  it('are separated without empty lines, and joined from several lines', async () => {
    const text =
      'data: {"a":1}\ndata: {"b":\ndata: 2}\n\ndata: {"c":3}\ndata: [DONE]\nevent: end\n\n';
    const events = await read([bytes(text)]);
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      ['message', '{"a":1}'],
      ['message', '{"b":\n2}'],
      ['message', '{"c":3}'],
      ['message', '[DONE]'],
      ['end', ''],
    ]);
  });

  it('in an `error` field are error events', async () => {
    await expect(read([bytes('error: {"code":500}\n\n')])).resolves.toEqual([
      { event: 'error', data: '{"code":500}', isCut: false },
    ]);
  });

  it('are read after a byte order mark', async () => {
    await expect(read([bytes('\uFEFFdata: one\n\n')])).resolves.toEqual([
      { event: 'message', data: 'one', isCut: false },
    ]);
  });

  it('are cancelled together with the body when the reader stops', async () => {
    let cancelled = false;
    const body = bodyOf([bytes('data: one\n\ndata: two\n\n')], () => {
      cancelled = true;
    });
    for await (const { data } of serverEvents(body)) {
      expect(data).toBe('one');
      break;
    }
    expect(cancelled).toBe(true);
  });
});
