import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { isEventStream, type Reply } from './reply.js';

/** Writes a reply and ends the connection as the reply requires. Returns early if the client disconnects. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  if (isPlain(reply)) {
    writeHead(response, reply);
    response.end(reply.chunks[0]);
    return;
  }
  const disconnected = new AbortController();
  response.once('close', () => disconnected.abort());
  if (response.destroyed) return;
  if (reply.delayMs !== undefined && reply.delayMs > 0)
    await wait(reply.delayMs, disconnected.signal);
  if (reply.ending === 'reset-first') return reset(response);
  if (reply.ending === 'hang-first' || disconnected.signal.aborted) return;

  writeHead(response, reply);
  for (const [index, chunk] of reply.chunks.entries()) {
    if (index > 0 && reply.gapMs !== undefined) await wait(reply.gapMs, disconnected.signal);
    if (disconnected.signal.aborted) return;
    if (!response.write(chunk)) await waitForDrain(response, disconnected.signal);
  }
  if (reply.ending === 'hang') return;
  if (reply.ending === 'reset') {
    // Without this pause the reset discards the bytes that are still in the socket's buffer, and the client gets no status.
    await wait(20, disconnected.signal);
    return reset(response);
  }
  response.end();
}

/** Whether the reply can be sent in one write. That is the common case, and benchmarks measure it. */
function isPlain({ chunks, delayMs = 0, ending = 'end' }: Reply): boolean {
  return chunks.length <= 1 && delayMs === 0 && ending === 'end';
}

function writeHead(response: ServerResponse, reply: Reply): void {
  const whole = !isEventStream(reply) && reply.ending !== 'reset' && reply.ending !== 'hang';
  const length = Buffer.byteLength(reply.chunks.join(''));
  const headers = { ...reply.headers, ...(whole && { 'content-length': String(length) }) };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (reply.reason === undefined) response.writeHead(reply.status);
  else response.writeHead(reply.status, reply.reason);
  if (!whole) response.flushHeaders();
}

function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) response.destroy();
  else socket.resetAndDestroy();
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}

async function waitForDrain(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
