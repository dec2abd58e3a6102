import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import type { Completion } from '../llm-provider.js';
import { collectCompletion } from '../answers/receive-completion.js';
import { type Bench, outcomeOf, QUIRKS, request } from './provider-bench.js';
import type { Recordings } from './recordings.js';
import type { Recording, Respond } from './wire-server.js';

const EVENTS = { 'content-type': 'text/event-stream' };

const as = (body: string, type?: string): Recording => ({
  status: 200,
  body,
  headers: { 'content-type': type ?? 'application/json' },
});

const complete = ({ provider, target }: Bench): Promise<Completion> =>
  provider.complete(request(), target, QUIRKS);
const stream = ({ provider, target }: Bench): Promise<Completion> =>
  collectCompletion(provider.stream(request(), target, QUIRKS));

/** Checks that an adapter reads complete answers in another form than the requested one, or with other text around them. */
export function itReadsOddAnswers(bench: () => Bench, recordings: Recordings): void {
  const whole = JSON.stringify(recordings.completion.body);
  const events = String(recordings.stream.body);
  const compressed: Respond = (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(whole));
  };
  const reset: Respond = (response) => {
    response.writeHead(200, EVENTS);
    response.write(events, () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
  };
  const answers: Readonly<Record<string, Recording | Respond>> = {
    'JSON with the content type of a stream': as(whole, 'text/event-stream'),
    'JSON with the content type of text': as(whole, 'text/plain'),
    'JSON without a content type': as(whole, ''),
    'JSON after a byte order mark': as(`\uFEFF${whole}`),
    'JSON after blank lines': as(`\n\n\n${whole}\n`),
    'JSON after comments': as(`: PROCESSING\n\n: PROCESSING\n\n${whole}`),
    'JSON with NaN in it': as(whole.replace(/^\{/, '{"logprob":NaN,"top":-Infinity,')),
    'JSON with a trailing comma': as(whole.replace(/\}$/, ',}')),
    'JSON with text after it': as(`${whole}\n\ndata: [DONE]\n\n`),
    'JSON that is compressed': compressed,
    'JSON with an empty error': as(whole.replace(/^\{/, '{"error":{"message":"","code":null},')),
    'events with the content type of JSON': as(events, 'application/json'),
    'events with the content type of text': as(events, 'text/plain'),
    'events without a content type': as(events, ''),
    'events with lines of data that keep the connection open': as(
      `data: \n\ndata: ping\n\ndata: : keep-alive\n\n${events.replaceAll('\n\n', '\n\ndata: PROCESSING\n\n')}`,
      EVENTS['content-type'],
    ),
    'events without a space after the colon': as(
      events.replaceAll('data: ', 'data:'),
      EVENTS['content-type'],
    ),
    'events without an empty line at the end': as(events.trimEnd(), EVENTS['content-type']),
    'events with text after their end': as(
      `${events}<html>Gateway</html>\n\ndata: {"broken\n\n`,
      EVENTS['content-type'],
    ),
    'events with NaN in them': as(
      events.replaceAll('data: {', 'data: {"logprob":NaN,'),
      EVENTS['content-type'],
    ),
    'events with an error after their end': as(
      `${events}data: {"error":{"message":"gone"}}\n\n`,
      EVENTS['content-type'],
    ),
    'events as values, one per line': as(
      events
        .replaceAll(/^event: .*\n/gm, '')
        .replaceAll('data: ', '')
        .replaceAll('\n\n', '\n'),
      'application/x-ndjson',
    ),
    'events whose connection stays open after their end': (response) => {
      response.writeHead(200, EVENTS);
      response.write(events.replace(/data: \[DONE\]\n\n$|event: message_stop[\s\S]*$/, ''));
    },
    'events whose connection breaks after their end': reset,
  };

  describe('a complete answer', () => {
    describe.each([
      ['requested in one piece', complete],
      ['requested as a stream', stream],
    ])('%s', (_way, ask) => {
      it.each(Object.entries(answers))('is read from %s', async (_title, answer) => {
        bench().server.answer(answer);
        await expect(ask(bench())).resolves.toMatchObject({ text: 'Paris.', stop: 'end' });
        expect(bench().server.sent).toHaveLength(1);
      });

      it.each([
        ['JSON that breaks off', as(whole.slice(0, -20))],
        [
          'events that break off',
          as(events.slice(0, events.indexOf('is.')), EVENTS['content-type']),
        ],
        [
          'values, one per line, that break off',
          as(
            events
              .slice(0, events.indexOf('is.'))
              .replaceAll(/^event: .*\n/gm, '')
              .replaceAll('data: ', ''),
          ),
        ],
        ['comments alone', as(': PROCESSING\n\n', EVENTS['content-type'])],
        ['null', as('null')],
        ['a text', as('OK', 'text/plain')],
      ])('is not read from %s', async (_title, answer) => {
        bench().server.answer(answer);
        expect(await outcomeOf(ask(bench()))).toMatchObject({ code: 'llm_unavailable' });
        expect(bench().server.sent).toHaveLength(1);
      });
    });
  });
}
