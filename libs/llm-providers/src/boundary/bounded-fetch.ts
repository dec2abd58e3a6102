import { requireBoundedJson } from './bounded-json.js';
import { answerTooLarge, MAX_ERROR_BYTES, MAX_LIST_BYTES, wireBytesOf } from './bounds.js';
import type { CalledEndpoint } from './called-endpoint.js';
import { readErrorBody } from './error-body.js';
import { waitForLoopTurn } from './loop-turn.js';
import { peekBody } from './peek-body.js';

export interface ExpectedAnswer {
  readonly endpoint?: CalledEndpoint | undefined;
  readonly maxOutputTokens: number;
}

/** The answer that `verify` requests from a model. */
export const ONE_TOKEN_ANSWER: ExpectedAnswer = { maxOutputTokens: 1 };

/** A shorter answer is read within a millisecond, so it does not wait for `waitForLoopTurn`. */
const LARGE_ANSWER_CHARACTERS = 16_384;
/** Higher than for other answers: a list of models is searched without a schema, so its values cost little. */
const MAX_LIST_VALUES = 400_000;
/** Statuses whose Response must not have a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A fetch whose answers are bounded in size and nesting before an SDK parses, prints or copies them. A failed answer is
 * cut to a small one; a successful one that is too large or too deep is refused.
 */
export function boundedFetch(
  fetch: typeof globalThis.fetch,
  { maxOutputTokens, endpoint }: ExpectedAnswer,
): typeof globalThis.fetch {
  return async (input, init) => {
    const method = init?.method?.toUpperCase() ?? 'GET';
    if (!(input instanceof Request)) endpoint?.noteCall(method, new URL(input));
    const answer = await fetch(input, init);
    if (BODILESS.has(answer.status) || answer.status > 599) return answer;
    if (!answer.ok) return failedAnswer(answer);
    if (!answer.body) return answer;
    const isList = method === 'GET';
    const { body, isEvents } = isList
      ? { body: answer.body, isEvents: false }
      : await peekBody(answer.body, maxOutputTokens);
    const most = isList ? MAX_LIST_BYTES : wireBytesOf(maxOutputTokens, isEvents);
    if (isEvents) return rebuildResponse(answer, body.pipeThrough(limitTo(most)));
    const { text, isCut } = await readText(body, most);
    if (isCut) throw answerTooLarge();
    // The following steps read the whole text several times without yielding to the event loop.
    if (text.length > LARGE_ANSWER_CHARACTERS) await waitForLoopTurn();
    requireBoundedJson(text, isList ? MAX_LIST_VALUES : undefined);
    return rebuildResponse(answer, text);
  };
}

async function failedAnswer(answer: Response): Promise<Response> {
  const { text, isCut } = await readText(answer.body, MAX_ERROR_BYTES);
  const body = readErrorBody(text, isCut);
  return rebuildResponse(answer, typeof body === 'string' ? body : JSON.stringify(body));
}

function rebuildResponse(
  answer: Response,
  body: string | ReadableStream<Uint8Array> | null,
): Response {
  const headers = new Headers([...answer.headers]);
  if (body !== '') headers.delete('content-length');
  // An HTML page that is sent as JSON would be reported as a syntax error, so its content type is corrected.
  if (typeof body === 'string' && /^\s{0,64}</.test(body)) headers.set('content-type', 'text/html');
  const { status, statusText } = answer;
  return new Response(body, { status, statusText, headers });
}

/** Reads the body's text up to `mostBytes` and cancels the rest. */
async function readText(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  if (!body) return { text: '', isCut: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    while (bytes <= mostBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      bytes += value.byteLength;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
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
