import type { ApiEgress, ByteReader, RawAnswer } from '@app/egress';

import { requireBoundedJson } from './bounded-json.js';
import { answerTooLarge, MAX_ERROR_BYTES, MAX_LIST_BYTES, wireBytesOf } from './bounds.js';
import type { CalledEndpoint } from './called-endpoint.js';
import { readErrorBody } from './error-body.js';
import { waitForLoopTurn } from './loop-turn.js';
import { peekBody, replayStream } from './peek-body.js';
import { WholeAnswer } from './whole-answer.js';

export interface ExpectedAnswer {
  readonly endpoint?: CalledEndpoint | undefined;
  readonly maxOutputTokens: number;
  /** The answer is read while it arrives. */
  readonly isStreamed?: boolean;
}

/** The answer that `verify` requests from a model. */
export const ONE_TOKEN_ANSWER: ExpectedAnswer = { maxOutputTokens: 1 };

/** A shorter answer is read within a millisecond, so it does not wait for `waitForLoopTurn`. */
const LARGE_ANSWER_CHARACTERS = 16_384;
/** Higher than for other answers: a list of models is searched without a schema, so its values cost little. */
const MAX_LIST_VALUES = 400_000;
/**
 * A fetch whose answers are bounded in size and nesting before an SDK parses, prints or copies them. A failed answer is
 * cut to a small one; a successful one that is too large or too deep is refused.
 */
export function boundedFetch(
  egress: ApiEgress,
  { maxOutputTokens, endpoint, isStreamed = false }: ExpectedAnswer,
): typeof globalThis.fetch {
  return async (input, init) => {
    if (input instanceof Request) throw new TypeError('A bounded fetch takes a URL.');
    const method = init?.method?.toUpperCase() ?? 'GET';
    endpoint?.noteCall(method, new URL(input));
    const answer = isStreamed
      ? rawAnswer(await egress.fetch(input, init))
      : await egress.request(input, init);
    const { status, body } = answer;
    if (status < 200 || status > 299) return failedAnswer(answer);
    const isList = method === 'GET';
    const peeked = isList ? { isEvents: false, chunks: [] } : await peekBody(body, maxOutputTokens);
    const most = isList ? MAX_LIST_BYTES : wireBytesOf(maxOutputTokens, peeked.isEvents);
    if (peeked.isEvents) {
      const events = replayStream(peeked, body).pipeThrough(limitTo(most));
      return new Response(events, { status, headers: answer.headers });
    }
    const { text, isCut } = await readText(body, most, peeked.chunks);
    if (isCut) throw answerTooLarge();
    // The following steps read the whole text several times without yielding to the event loop.
    if (text.length > LARGE_ANSWER_CHARACTERS) await waitForLoopTurn();
    requireBoundedJson(text, isList ? MAX_LIST_VALUES : undefined);
    return wholeAnswer(answer, text);
  };
}

const NO_BODY: ByteReader = {
  read: () => Promise.resolve({ done: true }),
  cancel: () => Promise.resolve(),
};

const rawAnswer = ({ status, headers, body }: Response): RawAnswer => ({
  status,
  headers,
  body: body?.getReader() ?? NO_BODY,
});

async function failedAnswer(answer: RawAnswer): Promise<Response> {
  const { text, isCut } = await readText(answer.body, MAX_ERROR_BYTES);
  const body = readErrorBody(text, isCut);
  return wholeAnswer(answer, typeof body === 'string' ? body : JSON.stringify(body));
}

function wholeAnswer({ status, headers: received }: RawAnswer, text: string): Response {
  const headers = new Headers(received);
  if (text !== '') headers.delete('content-length');
  // An HTML page that is sent as JSON would be reported as a syntax error, so its content type is corrected.
  if (/^\s{0,64}</.test(text)) headers.set('content-type', 'text/html');
  return new WholeAnswer(text, status, headers).asResponse();
}

/** Reads the body's text up to `mostBytes` and cancels the rest. */
async function readText(
  body: ByteReader,
  mostBytes: number,
  chunks: Uint8Array[] = [],
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  let bytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  try {
    while (bytes <= mostBytes) {
      const { done, value } = await body.read();
      if (done || !value) break;
      chunks.push(value);
      bytes += value.byteLength;
    }
  } finally {
    await body.cancel().catch(() => undefined);
  }
  const isCut = bytes > mostBytes;
  const whole = Buffer.concat(chunks).subarray(0, mostBytes);
  // In streaming mode the decoder drops a character that the cut halves.
  return { text: new TextDecoder().decode(whole, { stream: isCut }), isCut };
}

function limitTo(mostBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) controller.error(answerTooLarge());
      else controller.enqueue(chunk);
    },
  });
}
