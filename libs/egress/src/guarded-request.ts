import { once } from 'node:events';
import { pipeline, type Readable, type Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
} from 'node:zlib';

import { type Agent, request } from 'undici';

import { checkCall, encodingOf, MAX_ANSWER_BYTES, tooLargeUnpacked } from './checked-call.js';
import type { EgressRules } from './egress-policy.js';

/** Reads the bytes of a body. The default reader of a web stream is one, too. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** An answer whose body has not been read yet. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ByteReader;
}

export type GuardedRequest = (url: string | URL, init?: RequestInit) => Promise<RawAnswer>;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;
const ZLIB_OPTIONS = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH } as const;
const BROTLI_OPTIONS = {
  flush: BROTLI_OPERATION_FLUSH,
  finishFlush: BROTLI_OPERATION_FLUSH,
} as const;

/**
 * The rules, connections and errors of the guarded fetch, without its web streams, which take most of the processor time of a
 * short call.
 */
export function guardedRequest(
  rules: EgressRules,
  dispatcher: Agent,
  allowedHeaders: readonly string[],
): GuardedRequest {
  return async (input, init) => {
    const { url, method, body, headers, signal } = checkCall(rules, allowedHeaders, input, init);
    const answer = await request(url, {
      method: method as 'GET',
      headers: headers.flat(),
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      dispatcher,
    }).catch((cause: unknown) => {
      throw signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause });
    });
    // A body that is dropped unread emits an error.
    answer.body.on('error', () => undefined);
    try {
      if (REDIRECTS.has(answer.statusCode))
        throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
      const received = headersOf(answer.headers);
      const encoding = encodingOf(received.get('content-encoding'));
      if (encoding === undefined)
        return {
          status: answer.statusCode,
          headers: received,
          body: readerOf(answer.body, signal),
        };
      received.delete('content-encoding');
      received.delete('content-length');
      const unpacked = await unpack(answer.body, encoding);
      return {
        status: answer.statusCode,
        headers: received,
        body: limited(readerOf(unpacked, signal), MAX_ANSWER_BYTES),
      };
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  };
}

function headersOf(received: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(received))
    for (const value of Array.isArray(values) ? values : [values ?? ''])
      headers.append(name, value);
  return headers;
}

/** Errors are those of the guarded fetch: the signal's reason, or `terminated`. */
function readerOf(body: Readable, signal: AbortSignal | undefined): ByteReader {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  return {
    read: async () => {
      try {
        const { done = false, value } = await chunks.next();
        return { done, value };
      } catch (cause) {
        throw signal?.aborted ? signal.reason : new TypeError('terminated', { cause });
      }
    },
    cancel: async () => {
      body.destroy();
    },
  };
}

function limited(reader: ByteReader, bytes: number): ByteReader {
  let left = bytes;
  return {
    read: async () => {
      const next = await reader.read();
      left -= next.value?.byteLength ?? 0;
      if (left >= 0) return next;
      await reader.cancel();
      throw tooLargeUnpacked();
    },
    cancel: () => reader.cancel(),
  };
}

async function unpack(body: Readable, encoding: string): Promise<Readable> {
  const decompressor = await decompressorOf(body, encoding);
  return pipeline(body, decompressor, () => undefined);
}

/** Like a browser's, they read a body that ends too early as far as it goes. */
async function decompressorOf(body: Readable, encoding: string): Promise<Transform> {
  if (encoding === 'br') return createBrotliDecompress(BROTLI_OPTIONS);
  if (encoding !== 'deflate') return createGunzip(ZLIB_OPTIONS);
  // Some hosts send deflate without the header of zlib.
  await once(body, 'readable');
  const first = body.read() as Buffer | null;
  if (first) body.unshift(first);
  return ((first?.[0] ?? 0) & 0x0f) === 0x08
    ? createInflate(ZLIB_OPTIONS)
    : createInflateRaw(ZLIB_OPTIONS);
}
