import { describe, expect, it, vi } from 'vitest';

import { type Bench, KEY, outcomeOf, QUIRKS, request, shown } from './provider-bench.js';
import type { Recordings } from './recordings.js';
import type { Recording, Respond } from './wire-server.js';

/** The recorded answer. */
const PARIS = {
  text: 'Paris.',
  toolCalls: [],
  thoughts: '',
  stop: 'end',
  usage: { inputTokens: 12, outputTokens: 5 },
};

interface Drained {
  readonly texts: string[];
  readonly end: unknown;
}

async function drain(
  { provider, target }: Bench,
  texts: string[] = [],
  asked = request(),
): Promise<Drained> {
  const stream = provider.stream(asked, target, QUIRKS);
  for (;;) {
    const next = await stream.next();
    if (next.done) return { texts, end: next.value };
    texts.push(next.value);
  }
}

/** What a server may send in place of a stream, or after its beginning. Words that may not be printed stand in some. */
const BREAKAGES: Readonly<Record<string, Recording | Respond>> = {
  'an event that is no JSON': events('data: {"Ana lives in"\n\n'),
  'a named event that is no JSON': events('event: thread.run\ndata: {"Ana lives in"\n\n'),
  'an error under a name': events('event: thread.run\ndata: {"error":{"message":"Broken"}}\n\n'),
  'a stream without events': events(''),
  'an error in one piece, of status 200': {
    status: 200,
    body: { error: { message: 'Upstream broke', code: 502 } },
  },
  'a connection that is reset before it answers': (response) => void response.destroy(),
};

function events(body: string): Recording {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
}

/** What a host answers that has no such API at this address. */
const OTHER_APIS: Readonly<Record<string, Recording>> = {
  'a page where a stream was due': {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>hello</html>',
  },
  'an answer of another API': { status: 200, body: { hello: 'there' } },
};

/** A stream that is recorded, up to and with the event that holds `words`; then it stays open. */
const openAfter =
  ({ body }: Recording, words: string): Respond =>
  (response) => {
    const text = String(body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text.slice(0, text.indexOf('\n\n', text.indexOf(words)) + 2));
  };

/** What every adapter owes of a stream. */
export function itStreams(bench: () => Bench, recordings: Recordings): void {
  describe('a stream', () => {
    it('is passed on as it comes and says how it ended', async () => {
      bench().server.answer(recordings.stream);
      await expect(drain(bench())).resolves.toEqual({
        texts: ['Par', 'is.'],
        end: PARIS,
      });
    });

    it('gives out each piece while the provider still writes, and lets go of it when nobody reads on', async () => {
      const { server, provider, target } = bench();
      const hungUp = new Promise<void>((resolve) => {
        server.answer((response, asked) => {
          response.on('close', resolve);
          openAfter(recordings.stream, 'Par')(response, asked);
        });
      });
      for await (const text of provider.stream(request(), target, QUIRKS)) {
        expect(text).toBe('Par');
        break;
      }
      await hungUp;
    });

    it('is read as well where each byte comes for itself', async () => {
      bench().server.answer((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const byte of Buffer.from(String(recordings.stream.body)))
          response.write(Buffer.of(byte));
        response.end();
      });
      await expect(drain(bench())).resolves.toMatchObject({ texts: ['Par', 'is.'] });
    });

    it('of a server that does not stream is its whole answer', async () => {
      bench().server.answer(recordings.completion);
      await expect(drain(bench())).resolves.toEqual({
        texts: ['Paris.'],
        end: PARIS,
      });
    });

    it('that ends without a reason was cut', async () => {
      bench().server.answer(recordings.cutStream);
      const texts: string[] = [];
      await expect(drain(bench(), texts)).rejects.toMatchObject({
        name: 'LlmError',
        code: 'llm_unavailable',
        message: 'The connection broke before the answer was complete.',
      });
      expect(texts).toEqual(['Par']);
    });

    it('that is reset in its middle was cut', async () => {
      bench().server.answer((response, asked) => {
        openAfter(recordings.stream, 'Par')(response, asked);
        setTimeout(() => response.socket?.resetAndDestroy(), 20);
      });
      await expect(drain(bench())).rejects.toMatchObject({ code: 'llm_unavailable' });
    });

    it('that turns into an error is that error', async () => {
      bench().server.answer(recordings.failingStream);
      const error = await outcomeOf(drain(bench()));
      expect(error).toMatchObject({ name: 'LlmError', code: 'llm_unavailable' });
      expect(shown(error)).toMatch(/Overloaded|The server had an error/);
    });

    it('that stalls is a deadline', async () => {
      bench().server.answer(openAfter(recordings.stream, 'Par'));
      const late = request(AbortSignal.timeout(120));
      await expect(drain(bench(), [], late)).rejects.toMatchObject({
        code: 'llm_unavailable',
        message: 'The provider did not answer in time.',
      });
    });

    it('that its caller aborts is never whole: it ends with the caller’s own reason', async () => {
      const { server, provider, target } = bench();
      const abort = new AbortController();
      const reason = new Error('the job was cancelled');
      const hungUp = new Promise<void>((resolve) => {
        server.answer((response, asked) => {
          response.on('close', resolve);
          openAfter(recordings.stream, 'is.')(response, asked);
        });
      });
      const stream = provider.stream(request(abort.signal), target, QUIRKS);
      await stream.next();
      abort.abort(reason);
      await expect(stream.next().then(() => stream.next())).rejects.toBe(reason);
      await hungUp;
    });

    it.each(Object.entries(BREAKAGES))(
      '%s means that the provider is unavailable, and nothing of it is printed',
      async (_title, breakage) => {
        const { server } = bench();
        const printed = (['error', 'warn', 'log', 'info', 'debug'] as const).map((level) =>
          vi.spyOn(console, level).mockImplementation(() => undefined),
        );
        server.answer(breakage);
        const error = await outcomeOf(drain(bench()));
        const lines = printed.flatMap((spy) => spy.mock.calls);
        vi.restoreAllMocks();
        expect(error).toMatchObject({ name: 'LlmError', code: 'llm_unavailable' });
        expect(shown(error)).not.toContain('Ana lives');
        expect(lines).toEqual([]);
        expect(server.sent).toHaveLength(1);
      },
    );

    it.each(Object.entries(OTHER_APIS))(
      '%s means that the address is wrong, and says which was called',
      async (_title, answer) => {
        const { server } = bench();
        server.answer(answer);
        const error = await outcomeOf(drain(bench()));
        expect(error).toMatchObject({ code: 'llm_endpoint_invalid', retryable: false });
        expect(shown(error)).toContain(`POST ${server.url}/`);
      },
    );

    it.each(Object.entries(recordings.failures))(
      'that is refused is the failure that it would be otherwise: %s',
      async (_title, recording) => {
        bench().server.answer(recording);
        await expect(drain(bench())).rejects.toMatchObject({
          code: recording.code,
          retryAfterMs: recording.retryAfterMs,
        });
      },
    );

    it('keeps the key to itself, though an error in its middle echoes it', async () => {
      const data = JSON.stringify({
        type: 'error',
        error: { type: 'server_error', message: `Bad key ${KEY}`, code: null },
      });
      bench().server.answer(events(`event: error\ndata: ${data}\n\n`));
      const error = await outcomeOf(drain(bench()));
      expect(error).toMatchObject({ name: 'LlmError' });
      expect(shown(error)).not.toContain(KEY.slice(0, 12));
    });
  });
}
