import { AppError } from '@app/errors';
import type { FastifyReply } from 'fastify';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';

import { sendEvents, type StreamEvent, wantsEvents } from './event-stream.js';

describe('wantsEvents', () => {
  it.each([
    ['text/event-stream', true],
    ['Text/Event-Stream; q=0.9', true],
    ['application/json, text/event-stream', true],
    ['text/event-stream;q=0.5, application/json;q=0.4', true],
    ['text/event-stream;q=0.5, application/json', false],
    ['text/event-stream;q=0', false],
    ['text/event-stream;q=high', false],
    ['application/json', false],
    ['*/*', false],
    ['text/*', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (accept, wants) => {
    expect(wantsEvents(accept)).toBe(wants);
  });
});

describe('sendEvents', () => {
  const headers: Record<string, string> = {};
  const reply = {
    request: { id: 'r-1' },
    raw: new EventEmitter(),
    headers: (given: Record<string, string>) => Object.assign(headers, given),
  } as unknown as FastifyReply;
  const sent = async (events: AsyncGenerator<StreamEvent>): Promise<string> => {
    const pieces: Buffer[] = [];
    for await (const piece of await sendEvents(reply, events)) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  };

  it('writes the data of each event on one line, even if it has line breaks', async () => {
    const text = await sent(
      (async function* () {
        yield { event: 'delta', data: { text: 'two\nlines\r\n👋' } };
        yield { event: 'answer', data: null };
      })(),
    );
    expect(text).toBe(
      'event: delta\ndata: {"text":"two\\nlines\\r\\n👋"}\n\nevent: answer\ndata: null\n\n',
    );
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  it('sends a failure after the first event as the last event', async () => {
    const text = await sent(
      (async function* () {
        yield { event: 'retrieval', data: {} };
        throw new AppError('llm_rate_limited', 'Slow down.', { retryAfterMs: 1_200 });
      })(),
    );
    const [, problem = ''] = /\n\nevent: error\ndata: (.+)\n\n$/.exec(text) ?? [];
    expect(JSON.parse(problem)).toMatchObject({
      status: 429,
      code: 'llm_rate_limited',
      request_id: 'r-1',
      retry_after_ms: 1_200,
    });
  });

  it('throws a failure before the first event, and sends nothing', async () => {
    const refusal = new AppError('not_found', 'No.');
    await expect(
      sent(
        // oxlint-disable-next-line require-yield
        (async function* (): AsyncGenerator<StreamEvent> {
          throw refusal;
        })(),
      ),
    ).rejects.toBe(refusal);
  });

  it.each([
    ['fails', () => Promise.reject(new AppError('unavailable', 'No worker took this question.'))],
    ['comes', () => Promise.resolve()],
  ])(
    'throws the refusal of the API key when it comes before the first event, which then %s',
    async (_what, wait) => {
      const refused = new AbortController();
      const events = (async function* () {
        refused.abort(new AppError('not_authenticated', 'Revoked.'));
        await wait();
        yield { event: 'retrieval', data: {} };
      })();
      await expect(sendEvents(reply, events, refused.signal)).rejects.toMatchObject({
        code: 'not_authenticated',
      });
    },
  );

  it('ends with an error event when the API key of the client is refused', async () => {
    const refused = new AbortController();
    let isOver = false;
    const body = await sendEvents(
      reply,
      (async function* () {
        try {
          yield { event: 'retrieval', data: {} };
          refused.abort(new AppError('not_authenticated', 'Revoked.'));
          yield { event: 'delta', data: 'too late' };
        } finally {
          isOver = true;
        }
      })(),
      refused.signal,
    );
    const text = String(await body.toArray());
    expect(text).toMatch(
      /^event: retrieval\n.*\n\nevent: error\ndata: .*"not_authenticated".*\n\n$/,
    );
    await expect.poll(() => isOver).toBe(true);
  });

  it('ends the source of the events when the client disconnects', async () => {
    let isOver = false;
    const body = await sendEvents(
      reply,
      (async function* () {
        try {
          for (let at = 0; ; at += 1) {
            yield { event: 'delta', data: at };
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        } finally {
          isOver = true;
        }
      })(),
    );
    for await (const _piece of body) break;
    await expect.poll(() => isOver).toBe(true);
  });
});
