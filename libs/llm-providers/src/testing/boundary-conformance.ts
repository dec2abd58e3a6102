import { describe, expect, it } from 'vitest';

import { LlmError } from '../errors/llm.error.js';
import { type Bench, outcomeOf, QUIRKS, request, shown } from './provider-bench.js';
import type { Recordings } from './recordings.js';
import type { Recording, Respond } from './wire-server.js';

const DEEP = 50_000;
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Error bodies of a hostile host. Each must become a failure of the provider with a short message of one line. */
const ERROR_BODIES: Readonly<Record<string, string>> = {
  'a message of 4 MB': JSON.stringify({ error: { message: 'a-'.repeat(2_000_000) } }),
  'a text of 4 MB': 'a-'.repeat(2_000_000),
  'a page of 4 MB': `<html>${'<p>'.repeat(1_300_000)}`,
  'a body nested deeply': `{"error":${nested(DEEP)}}`,
  'a message nested deeply': `{"error":{"message":${nested(DEEP)}}}`,
  'a detail nested deeply': `{"detail":${nested(DEEP)}}`,
  'half a million waits': JSON.stringify({
    error: { message: `retry in ${'1s '.repeat(500_000)}` },
  }),
  'half a million fields': `{"error":{${'"a":1,'.repeat(500_000)}"b":1}}`,
  'half a million details': JSON.stringify({
    detail: Array.from({ length: 20_000 }, () => ({ loc: ['a'], msg: 'b' })),
  }),
  'text that Postgres cannot store': JSON.stringify({
    error: {
      message: `bad\0thing ${'x'.repeat(989)}😀`,
      type: 'a\0b',
      code: `${'y'.repeat(199)}😀`,
      param: '\ud800',
    },
  }),
};

/** Answers of status 200 that are refused for their size or form, without a second call. */
function refusedAnswers(answering: (text: string) => string, toolCall: string) {
  return {
    'a text that its limit of tokens does not allow': answering('a'.repeat(40_000)),
    'eight megabytes': answering('a'.repeat(8_000_000)),
    'a body nested deeply': answering('Paris.').replace(/}$/, `,"more":${nested(DEEP)}}`),
    'more values than a model writes': answering('Paris.').replace(
      /}$/,
      `,"more":[${'1,'.repeat(50_000)}1]}`,
    ),
    'a tool call nested deeply': toolCall.replace(
      /(\\?)"city\\?":\s*\\?"Paris\\?"/,
      `$1"city$1":${nested(20_000)}`,
    ),
  };
}

/** Values in place of a token count that no column can store, and the count that each is read as. */
const ODD_COUNTS: readonly [string, number][] = [
  ['1.5', 2],
  ['-5', 0],
  ['3e9', 2_147_483_647],
  ['1e300', 2_147_483_647],
  ['"12"', 12],
  ['"many"', 0],
  ['null', 0],
];

const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

const complete = ({ provider, target }: Bench): Promise<unknown> =>
  outcomeOf(provider.complete(request(), target, QUIRKS));
const stream = ({ provider, target }: Bench): Promise<unknown> =>
  outcomeOf(
    (async () => {
      for await (const piece of provider.stream(request(), target, QUIRKS)) void piece;
    })(),
  );

/** Checks how an adapter handles answers that are too large, too deep or of an unusual form. */
export function itHoldsTheBoundary(bench: () => Bench, recordings: Recordings): void {
  const whole = JSON.stringify(recordings.completion.body);
  const toolCall = JSON.stringify(recordings.toolCall.body);
  const answering = (text: string): string => whole.replace('"Paris."', JSON.stringify(text));
  const events = String(recordings.stream.body);
  const streaming = (body: string): Recording => ({ ...recordings.stream, body });

  describe('the boundary of an answer', () => {
    describe.each([
      ['in one piece', complete],
      ['streamed', stream],
    ])('%s', (_way, ask) => {
      it.each(Object.entries(ERROR_BODIES))(
        'reports %s as a failure with a short message',
        async (_title, body) => {
          for (const status of [400, 500]) {
            bench().server.answer({ status, body });
            const error = await ask(bench());
            expect(error).toMatchObject({
              name: 'LlmError',
              code: expect.stringMatching(/^llm_(rejected_request|unavailable|endpoint_invalid)$/),
            });
            const { detail, provider } = (error as LlmError).toFailure();
            expect(detail.length).toBeLessThanOrEqual(1_000);
            expect([detail, provider?.type ?? '', provider?.code ?? ''].every(isStorable)).toBe(
              true,
            );
            expect(shown(error).length).toBeLessThan(8_000);
            expect(bench().server.sent).toHaveLength(1);
          }
        },
      );

      it.each(Object.entries(refusedAnswers(answering, toolCall)))(
        'refuses %s after one call',
        async (_title, body) => {
          bench().server.answer({ status: 200, body });
          expect(await ask(bench())).toMatchObject({
            name: 'LlmError',
            code: 'llm_invalid_output',
            retryable: false,
          });
          expect(bench().server.sent).toHaveLength(1);
        },
      );

      it('reads the words of an error in an answer of status 200 as storable text', async () => {
        bench().server.answer({
          status: 200,
          body: { error: { message: `bad\0thing ${'x'.repeat(2_000_000)}😀`, code: 500 } },
        });
        const error = await ask(bench());
        expect(error).toBeInstanceOf(LlmError);
        expect(isStorable((error as LlmError).message)).toBe(true);
      });
    });

    it.each([
      ['a text that grows beyond its limit', events.replace('"Par"', `"${'a'.repeat(60_000)}"`)],
      ['one event of a megabyte', events.replace('"Par"', `"${'a'.repeat(1_000_000)}"`)],
      ['an event nested deeply', `data: ${nested(DEEP)}\n\n${events}`],
      ['a line without an end', `data: ${'a'.repeat(3_000_000)}`],
      ['comments without an end', ': hold on\n'.repeat(500_000)],
    ])('ends a stream of %s', async (_title, body) => {
      bench().server.answer(streaming(body));
      expect(await stream(bench())).toMatchObject({
        name: 'LlmError',
        code: 'llm_invalid_output',
      });
    });

    it('aborts a stream that never ends and closes the connection', async () => {
      const { server } = bench();
      const block = events.slice(0, events.indexOf('\n\n', events.indexOf('"Par"')) + 2);
      const piece = block.slice(block.lastIndexOf('\n\n', block.length - 3) + 2).trimStart();
      const hungUp = new Promise<void>((resolve) => {
        const drip: Respond = (response) => {
          response.on('close', resolve);
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(block);
          const timer = setInterval(() => response.write(piece.repeat(2_000)), 1);
          response.on('close', () => clearInterval(timer));
        };
        server.answer(drip);
      });
      expect(await stream(bench())).toMatchObject({ code: 'llm_invalid_output' });
      await hungUp;
    });

    it.each(ODD_COUNTS)(
      'reads a token count of %s as a bounded whole number',
      async (stated, count) => {
        const { server, provider, target } = bench();
        const odd = (text: string): string =>
          text.replace(/("(?:prompt|completion|input|output)_tokens":\s?)\d+/g, `$1${stated}`);
        server.answer({ status: 200, body: odd(whole) });
        const { usage } = await provider.complete(request(), target, QUIRKS);
        expect(usage).toEqual({ inputTokens: count, outputTokens: count });
        server.answer(streaming(odd(events)));
        const pieces = provider.stream(request(), target, QUIRKS);
        let next = await pieces.next();
        while (!next.done) next = await pieces.next();
        expect(next.value.usage).toEqual({ inputTokens: count, outputTokens: count });
      },
    );
  });
}
