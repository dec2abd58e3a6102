import { failureOf, AppError } from '@app/errors';
import { problemOf } from '@app/http-problems';
import { describeUnexpected } from '@app/jobs';
import { Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { PassThrough, type Readable } from 'node:stream';

import { type Warning, withWarnings } from './warnings.js';

export interface StreamEvent<Name extends string = string, Data = unknown> {
  readonly event: Name;
  readonly data: Data;
}

/** A stream sends a comment this often, because proxies close idle connections. */
const KEEP_ALIVE_MS = 10_000;
const MAX_LISTENERS = 20;
/** The events that have the fields of a JSON response. The warnings of the request are added to them. */
const EVENTS_WITH_WARNINGS = ['retrieval', 'answer'];
const EVENT_STREAM = 'text/event-stream';
const JSON_TYPE = 'application/json';

/**
 * Whether the Accept header asks for events: it names `text/event-stream` and does not prefer JSON. A wildcard does not
 * ask for events.
 * https://www.rfc-editor.org/rfc/rfc9110#name-accept
 */
export function wantsEvents(accept: string | undefined): boolean {
  const weights = new Map(
    (accept ?? '').split(',').map((range): [string, number] => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters
        .find((parameter) => /^q\s*=/.test(parameter))
        ?.replace(/^q\s*=/, '');
      return [type, weight === undefined ? 1 : Number(weight) || 0];
    }),
  );
  const events = weights.get(EVENT_STREAM) ?? 0;
  return events > 0 && events >= (weights.get(JSON_TYPE) ?? 0);
}

/**
 * Streams events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A failure before the first event is
 * thrown and becomes an ordinary error response. A later failure becomes the last event.
 * @param refused aborts with an AppError when the API key is no longer valid. That error is then the last event.
 * @returns the body to send.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncGenerator<StreamEvent>,
  refused?: AbortSignal,
): Promise<Readable> {
  const first = await firstOf(events, refused);
  void reply.headers({
    'content-type': `${EVENT_STREAM}; charset=utf-8`,
    'cache-control': 'no-cache, no-transform',
    // By default nginx buffers a response.
    'x-accel-buffering': 'no',
  });
  const body = new PassThrough();
  // Fastify, the request hooks and the pipe all add listeners to the raw response, more than Node's default of 10.
  reply.raw.setMaxListeners(MAX_LISTENERS);
  const { id, warnings = () => [] } = reply.request;
  const end = (error: unknown): void => {
    const problem = problemOf(failureOf(error), id);
    if (!body.writableEnded) body.end(textOf({ event: 'error', data: problem }));
  };
  refused?.addEventListener('abort', () => end(refused.reason), { once: true });
  void writeEvents(first, events, body, warnings(), end);
  return body;
}

/** @throws the reason of `refused` when the API key was refused meanwhile, whatever else happened because of it. */
async function firstOf(
  events: AsyncGenerator<StreamEvent>,
  refused: AbortSignal | undefined,
): Promise<IteratorResult<StreamEvent>> {
  const first = await events.next().catch((error: unknown) => {
    refused?.throwIfAborted();
    throw error;
  });
  if (refused?.aborted === true) {
    await events.return(undefined);
    throw refused.reason;
  }
  return first;
}

async function writeEvents(
  first: IteratorResult<StreamEvent>,
  events: AsyncGenerator<StreamEvent>,
  body: PassThrough,
  warnings: readonly Warning[],
  end: (error: unknown) => void,
): Promise<void> {
  const write = (text: string): void => {
    if (body.writable) body.write(text);
  };
  const withNotes = ({ event, data }: StreamEvent): StreamEvent =>
    EVENTS_WITH_WARNINGS.includes(event)
      ? { event, data: withWarnings(data, warnings) }
      : { event, data };
  const keepAlive = setInterval(() => write(': keep-alive\n\n'), KEEP_ALIVE_MS);
  try {
    for (let next = first; !next.done && body.writable; next = await events.next())
      write(textOf(withNotes(next.value)));
  } catch (error) {
    if (!(error instanceof AppError)) new Logger('http').error(describeUnexpected(error));
    end(error);
  } finally {
    clearInterval(keepAlive);
    body.end();
    await events.return(undefined);
  }
}

/** `JSON.stringify` writes no line breaks, so the data is one line. */
function textOf({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
