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

/** Answers of a server in place of a stream, or after its beginning. Some hold text that must not be printed. */
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

/** Answers of a host that does not have the API at this address. */
const OTHER_APIS: Readonly<Record<string, Recording>> = {
  'a page in place of a stream': {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>hello</html>',
  },
  'an answer of another API': { status: 200, body: { hello: 'there' } },
};

/** Sends a recorded stream up to and including the event with `words`, and leaves it open. */
const openAfter =
  ({ body }: Recording, words: string): Respond =>
  (response) => {
    const text = String(body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text.slice(0, text.indexOf('\n\n', text.indexOf(words)) + 2));
  };

/** Checks how an adapter reads streams. */
export function itStreams(bench: () => Bench, recordings: Recordings): void {
  describe('a stream', () => {
    it('yields its pieces and returns the completion', async () => {
      bench().server.answer(recordings.stream);
      await expect(drain(bench())).resolves.toEqual({
        texts: ['Par', 'is.'],
        end: PARIS,
      });
    });

    it('yields each piece while the provider still writes, and closes the connection when the loop ends', async () => {
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

    it('is read when each byte arrives alone', async () => {
      bench().server.answer((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const byte of Buffer.from(String(recordings.stream.body)))
          response.write(Buffer.of(byte));
        response.end();
      });
      await expect(drain(bench())).resolves.toMatchObject({ texts: ['Par', 'is.'] });
    });

    it('of a server that answers in one piece yields the whole answer', async () => {
      bench().server.answer(recordings.completion);
      await expect(drain(bench())).resolves.toEqual({
        texts: ['Paris.'],
        end: PARIS,
      });
    });

    it('that ends without a stop reason is an error', async () => {
      bench().server.answer(recordings.cutStream);
      const texts: string[] = [];
      await expect(drain(bench(), texts)).rejects.toMatchObject({
        name: 'LlmError',
        code: 'llm_unavailable',
        message: 'The connection broke before the answer was complete.',
      });
      expect(texts).toEqual(['Par']);
    });

    it('that is reset before its end is an error', async () => {
      bench().server.answer((response, asked) => {
        openAfter(recordings.stream, 'Par')(response, asked);
        setTimeout(() => response.socket?.resetAndDestroy(), 20);
      });
      await expect(drain(bench())).rejects.toMatchObject({ code: 'llm_unavailable' });
    });

    it('that contains an error event throws that error', async () => {
      bench().server.answer(recordings.failingStream);
      const error = await outcomeOf(drain(bench()));
      expect(error).toMatchObject({ name: 'LlmError', code: 'llm_unavailable' });
      expect(shown(error)).toMatch(/Overloaded|The server had an error/);
    });

    it('that stalls is a timeout', async () => {
      bench().server.answer(openAfter(recordings.stream, 'Par'));
      const late = request(AbortSignal.timeout(120));
      await expect(drain(bench(), [], late)).rejects.toMatchObject({
        code: 'llm_unavailable',
        message: 'The provider did not answer in time.',
      });
    });

    it('that is aborted is never complete and throws the caller’s reason', async () => {
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
      'reports an unavailable provider for %s, and prints nothing of it',
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
      'reports a wrong address, and which one was called, for %s',
      async (_title, answer) => {
        const { server } = bench();
        server.answer(answer);
        const error = await outcomeOf(drain(bench()));
        expect(error).toMatchObject({ code: 'llm_endpoint_invalid', retryable: false });
        expect(shown(error)).toContain(`POST ${server.url}/`);
      },
    );

    it.each(Object.entries(recordings.failures))(
      'that is refused has the same failure as an answer in one piece: %s',
      async (_title, recording) => {
        bench().server.answer(recording);
        await expect(drain(bench())).rejects.toMatchObject({
          code: recording.code,
          retryAfterMs: recording.retryAfterMs,
        });
      },
    );

    it('shows no part of the key if an error event repeats it', async () => {
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
