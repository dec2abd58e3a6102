import type { Call } from '../http/call.js';
import { eventText, type Reply, textReply } from '../http/reply.js';
import type { Failure, Wire } from '../wire.js';
import { KEY_ECHOES } from './key-echo.js';

/** A failure of HTTP or of the connection, which is the same for every provider. */
export interface WireAccident {
  /** In kebab-case. A request for the model `sim-<name>` gets this reply. */
  readonly name: string;
  /** @param happy makes the reply without the accident */
  reply(call: Call, wire: Wire, happy: () => Reply): Reply;
}

const CLOUDFLARE =
  '<!DOCTYPE html>\n<html lang="en-US"><head><title>502 Bad Gateway</title></head><body><h1>Bad gateway</h1><p>The web server reported a bad gateway error.</p><hr><center>cloudflare</center></body></html>\n';
const HTML = { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' };

const happyBody = (reply: Reply): string => reply.chunks.join('');
const elsewhere = (call: Call): string => `http://${call.headers.host ?? '127.0.0.1'}/redirected`;

const accident = (name: string, reply: WireAccident['reply']): WireAccident => ({ name, reply });
const redirect = (status: number): WireAccident =>
  accident(`redirect-${status}`, (call) => textReply(status, '', { location: elsewhere(call) }));

export const WIRE_ACCIDENTS: readonly WireAccident[] = [
  accident('html', () => textReply(502, CLOUDFLARE, HTML)),
  accident('html-200', () => textReply(200, CLOUDFLARE, HTML)),
  accident('html-401', () =>
    textReply(401, CLOUDFLARE.replaceAll('502 Bad Gateway', '401 Unauthorized'), HTML),
  ),
  accident('html-503-with-wait', () =>
    textReply(503, CLOUDFLARE, { ...HTML, 'retry-after': '30' }),
  ),
  accident('gateway-timeout', () =>
    textReply(504, 'upstream request timeout', { 'content-type': 'text/plain' }),
  ),
  accident('empty-body', () => textReply(200, '', { 'content-type': 'application/json' })),
  accident('empty-error', () => textReply(500, '', {})),
  accident('no-content', () => textReply(204, '', {})),
  accident('wrong-content-type', (_call, _wire, happy) =>
    withType(happy(), 'text/plain; charset=utf-8'),
  ),
  accident('error-wrong-content-type', (call, wire) =>
    withType(wire.failed(call, any400(wire)), 'application/octet-stream'),
  ),
  accident('error-in-ok', (call, wire) => ({ ...wire.failed(call, overload(wire)), status: 200 })),
  accident('json-cut-off', (_call, _wire, happy) => cut(happy())),
  accident('json-null', () => textReply(200, 'null', { 'content-type': 'application/json' })),
  accident('reset-before-body', () => ({ ...textReply(200, '', {}), ending: 'reset-first' })),
  accident('reset-mid-body', (_call, _wire, happy) => ({ ...half(happy()), ending: 'reset' })),
  accident('stream-ends-early', (_call, _wire, happy) => half(happy())),
  accident('stream-error-event', (call, wire, happy) => withErrorEvent(happy(), call, wire)),
  accident('stream-overloaded-first', (call, wire, happy) =>
    withErrorEvent({ ...happy(), chunks: [] }, call, wire),
  ),
  accident('slow-drip', (_call, _wire, happy) => drip(happy())),
  accident('hang', () => ({ ...textReply(200, '', {}), ending: 'hang-first' })),
  accident('hang-mid-body', (_call, _wire, happy) => ({ ...half(happy()), ending: 'hang' })),
  accident('very-long-error', (call, wire) => ({
    ...wire.failed(call, {
      ...any400(wire),
      body: () => ({ error: { message: 'x'.repeat(3_000_000), type: 'server_error' } }),
    }),
    status: 500,
  })),
  ...[301, 302, 307, 308].map(redirect),
  ...Object.entries(KEY_ECHOES).flatMap(([form, echo]) => [
    accident(`echo-key-error-${form}`, (call, wire) =>
      wire.failed(call, keyError(echo(wire.keyOf(call) ?? ''), 401)),
    ),
    accident(`echo-key-html-${form}`, (call, wire) =>
      textReply(
        500,
        CLOUDFLARE.replace('Bad gateway', `Bad gateway: ${echo(wire.keyOf(call) ?? '')}`),
        HTML,
      ),
    ),
  ]),
  accident('echo-key-header', (call, wire, happy) => {
    const reply = happy();
    return {
      ...reply,
      headers: {
        ...reply.headers,
        'x-debug-authorization': wire.keyOf(call) ?? '',
        'x-goog-api-key': wire.keyOf(call) ?? '',
      },
    };
  }),
  accident('echo-key-request-id', (call, wire) => {
    const reply = wire.failed(call, overload(wire));
    return {
      ...reply,
      headers: {
        ...reply.headers,
        'x-request-id': wire.keyOf(call) ?? '',
        'request-id': wire.keyOf(call) ?? '',
      },
    };
  }),
];

/** `sim-delay-2000`: a normal answer that is delayed by 2000 milliseconds. */
export function delayNamed(name: string): WireAccident | undefined {
  const ms = /^delay-(\d{1,6})$/.exec(name)?.[1];
  return ms === undefined
    ? undefined
    : accident(name, (_call, _wire, happy) => ({ ...happy(), delayMs: Number(ms) }));
}

function any400(wire: Wire): Failure {
  return named(wire, 'model-not-found');
}

function overload(wire: Wire): Failure {
  return wire.failures.find(({ name }) => name === 'overloaded') ?? named(wire, 'server-error');
}

function named(wire: Wire, name: string): Failure {
  const failure = wire.failures.find((one) => one.name === name) ?? wire.failures[0];
  if (failure === undefined) throw new Error('The failure table is empty');
  return failure;
}

/** An error about a key with the fields of both OpenAI and Anthropic, so the clients of both can read it. */
function keyError(shown: string, status: number): Failure {
  return {
    name: 'key-echoed',
    status,
    body: () => ({
      type: 'error',
      error: {
        message: `Incorrect API key provided: ${shown}. Your request was sent with Authorization: Bearer ${shown}.`,
        type: 'authentication_error',
        param: null,
        code: 'invalid_api_key',
      },
    }),
  };
}

function withType(reply: Reply, type: string): Reply {
  return { ...reply, headers: { ...reply.headers, 'content-type': type } };
}

function half(reply: Reply): Reply {
  if (reply.chunks.length > 1)
    return { ...reply, chunks: reply.chunks.slice(0, Math.ceil(reply.chunks.length / 2)) };
  return cut(reply);
}

function cut(reply: Reply): Reply {
  const body = happyBody(reply);
  return { ...reply, chunks: [body.slice(0, Math.ceil(body.length / 2))] };
}

/** Longer than a client waits whose timeout is tested, also on a busy machine. */
const DRIP_MS = 20_000;

/** Sends a reply slowly, over `DRIP_MS`: a stream event by event, any other body in twenty pieces. */
function drip(reply: Reply): Reply {
  const body = happyBody(reply);
  const size = Math.max(1, Math.ceil(body.length / 20));
  const pieces =
    reply.chunks.length > 1
      ? reply.chunks
      : (body.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []);
  return { ...reply, chunks: pieces, gapMs: Math.ceil(DRIP_MS / Math.max(1, pieces.length)) };
}

/** The first events of a stream, then the provider's error as an event. A call without a stream gets the error as a normal answer. */
function withErrorEvent(happy: Reply, call: Call, wire: Wire): Reply {
  const failed = wire.failed(call, overload(wire));
  if (!String(happy.headers['content-type']).startsWith('text/event-stream')) return failed;
  const data = failed.chunks.join('');
  const event =
    wire.provider === 'anthropic' ? eventText({ event: 'error', data }) : eventText({ data });
  return { ...happy, chunks: [...happy.chunks.slice(0, 4), event] };
}
